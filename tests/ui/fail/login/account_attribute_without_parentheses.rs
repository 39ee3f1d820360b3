use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    #[auth]
    password_hash: String,
}
fn main() {}
