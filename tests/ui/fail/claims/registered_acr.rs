#[derive(gatevault::Claims)]
struct User {
    user_id: u64,
    acr: String,
}

fn main() {}
