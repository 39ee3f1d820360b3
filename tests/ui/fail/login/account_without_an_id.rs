use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    number: u64,
    password_hash: String,
}
fn main() {}
