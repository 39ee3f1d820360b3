use gatevault::Claims;

struct Address { city: String }

#[derive(Claims)]
struct User {
    user_id: u64,
    address: Address,
}

fn main() {}
