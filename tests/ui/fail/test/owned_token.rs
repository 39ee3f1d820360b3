#[gatevault::test(as = gatevault::Payload::new(1))]
fn a_test(token: String) {
    let _ = token;
}
fn main() {}
