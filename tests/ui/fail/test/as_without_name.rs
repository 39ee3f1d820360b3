#[gatevault::test(Payload::new(1))]
fn a_test(token: &str) {
    let _ = token;
}
fn main() {}
