use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
    #[auth(password)]
    hash: String,
    #[auth(password)]
    former_hash: String,
}
fn main() {}
