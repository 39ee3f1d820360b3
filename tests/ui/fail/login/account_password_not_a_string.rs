use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    password_hash: Vec<u8>,
}
fn main() {}
