use gatevault::Claims;

#[derive(Claims)]
struct User {
    #[claims(flatten)]
    user_id: u64,
}

fn main() {}
