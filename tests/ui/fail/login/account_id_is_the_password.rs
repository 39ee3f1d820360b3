use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    #[auth(id, password)]
    hash: String,
}
fn main() {}
