use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: Option<u64>,
    password_hash: String,
}
fn main() {}
