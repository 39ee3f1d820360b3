#[gatevault::test]
fn a_test(token_: &gatevault::TokenManager) {
    let _ = token_;
}
fn main() {}
