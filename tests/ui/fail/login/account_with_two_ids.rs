use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    #[auth(id)]
    number: u64,
    #[auth(id)]
    name: String,
    password_hash: String,
}
fn main() {}
