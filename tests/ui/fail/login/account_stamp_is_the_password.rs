use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    #[auth(password, security_stamp)]
    hash: String,
}
fn main() {}
