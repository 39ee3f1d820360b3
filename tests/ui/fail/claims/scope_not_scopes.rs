use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(scope)]
    scope: Vec<u64>,
}

fn main() {}
