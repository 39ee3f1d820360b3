#[gatevault::test]
#[tokio::test]
async fn a_test(token: &str) {
    let _ = token;
}
fn main() {}
