#[gatevault::test]
struct A;
fn main() {}
