#[gatevault::test(as = gatevault::Payload::new(1))]
fn a_test(tokens: &gatevault::TokenManager) {
    let _ = tokens;
}
fn main() {}
