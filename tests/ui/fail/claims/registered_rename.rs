use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(rename = "jti")]
    id: u64,
}

fn main() {}
