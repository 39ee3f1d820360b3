use gatevault::Claims;

#[derive(Claims)]
struct User(u64);

fn main() {}
