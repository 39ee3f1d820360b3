#[gatevault::test(user = gatevault::Payload::new(1))]
fn a_test() {}
fn main() {}
