use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    password_hash: String,
    #[auth(security_stamp)]
    version: u64,
    #[auth(security_stamp)]
    changed: u64,
}
fn main() {}
