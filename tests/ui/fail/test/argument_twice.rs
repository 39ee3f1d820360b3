#[gatevault::test(as = gatevault::Payload::new(1), as = gatevault::Payload::new(2))]
fn a_test(token: &str) {
    let _ = token;
}
fn main() {}
