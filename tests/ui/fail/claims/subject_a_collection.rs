use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: Vec<u8>,
}

fn main() {}
