#[gatevault::test]
fn a_test(tokens: &mut gatevault::TokenManager) {
    let _ = tokens;
}
fn main() {}
