#[gatevault::test]
fn a_test(token: &str) {
    let _ = token;
}
fn main() {}
