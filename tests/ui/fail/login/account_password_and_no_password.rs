use gatevault::AuthUser;
#[derive(AuthUser)]
#[auth(no_password)]
struct Person {
    id: u64,
    #[auth(password)]
    hash: String,
}
fn main() {}
