use gatevault::AuthUser;
#[derive(AuthUser)]
struct Person {
    id: u64,
}
fn log_in(person: &Person) -> Option<&str> {
    person.hashed_password()
}
fn main() {}
