use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(role)]
    role: String,
    #[claims(role)]
    title: String,
}

fn main() {}
