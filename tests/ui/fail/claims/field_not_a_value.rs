use gatevault::Claims;

enum Role {}

#[derive(Claims)]
struct User {
    user_id: u64,
    role: Vec<Role>,
}

fn main() {}
