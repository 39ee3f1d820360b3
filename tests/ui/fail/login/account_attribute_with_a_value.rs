use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    #[auth(password = "hash")]
    password_hash: String,
}
fn main() {}
