use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    password_hash: String,
    #[auth(security_stamp)]
    stamp: Option<String>,
}
fn main() {}
