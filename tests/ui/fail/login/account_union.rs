#[derive(gatevault::AuthUser)]
union Person {
    id: u64,
}
fn main() {}
