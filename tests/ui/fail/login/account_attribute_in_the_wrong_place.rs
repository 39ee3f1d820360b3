use gatevault::AuthUser;
#[derive(AuthUser)]
#[auth(password)]
struct Person {
    #[auth(no_password)]
    id: u64,
    password_hash: String,
}
fn main() {}
