use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(skip_serializing)]
    rest: u64,
}

fn main() {}
