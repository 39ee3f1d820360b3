use gatevault::Claims;

#[derive(Claims)]
struct User {
    id: u64,
}

fn main() {}
