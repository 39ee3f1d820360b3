#[derive(gatevault::AuthUser)]
struct Person(u64, String);
fn main() {}
