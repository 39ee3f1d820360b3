use gatevault::ClaimValue;

#[derive(ClaimValue)]
enum Role {}

fn main() {}
