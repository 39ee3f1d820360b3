use gatevault::AuthUser;
struct PersonId(u64);
#[derive(AuthUser)]
struct Person {
    id: PersonId,
    password_hash: String,
}
fn main() {}
