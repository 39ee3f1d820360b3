use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    #[auth(pasword)]
    hash: String,
    #[auth(subject)]
    name: String,
    password_hash: String,
}
fn main() {}
