use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(role = "admin")]
    role: String,
}

fn main() {}
