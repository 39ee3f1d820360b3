#[gatevault::test]
fn a_test(users: &str) {
    let _ = users;
}
fn main() {}
