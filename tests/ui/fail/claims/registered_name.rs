use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    exp: u64,
}

fn main() {}
