use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    #[auth(id, security_stamp)]
    id: u64,
    password_hash: String,
}
fn main() {}
