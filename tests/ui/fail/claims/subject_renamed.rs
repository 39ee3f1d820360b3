use gatevault::Claims;

#[derive(Claims)]
struct User {
    #[claims(rename = "uid", default)]
    user_id: u64,
}

fn main() {}
