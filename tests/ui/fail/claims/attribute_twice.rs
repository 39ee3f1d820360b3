use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(rename = "a", rename = "b")]
    org: u64,
}

fn main() {}
