use gatevault::Claims;

#[derive(Claims)]
struct User;

fn main() {}
