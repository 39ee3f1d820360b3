use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    hash: String,
}
fn main() {}
