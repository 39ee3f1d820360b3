use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: bool,
}

fn main() {}
