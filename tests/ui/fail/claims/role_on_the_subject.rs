use gatevault::Claims;

#[derive(Claims)]
struct User {
    #[claims(role)]
    user_id: u64,
}

fn main() {}
