#[derive(gatevault::AuthUser)]
enum Person {
    Clerk { id: u64, password_hash: String },
}
fn main() {}
