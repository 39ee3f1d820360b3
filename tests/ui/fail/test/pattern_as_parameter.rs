#[gatevault::test]
fn a_test((token, tokens): (&str, &str)) {
    let _ = (token, tokens);
}
fn main() {}
