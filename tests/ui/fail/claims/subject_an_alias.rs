use gatevault::Claims;

type Key = Option<u64>;

#[derive(Claims)]
struct User {
    user_id: Key,
}

fn main() {}
