#[gatevault::test]
fn a_test<T>() {}
fn main() {}
