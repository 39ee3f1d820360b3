use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(scope)]
    scope: String,
    #[claims(scope)]
    more: Vec<String>,
}

fn main() {}
