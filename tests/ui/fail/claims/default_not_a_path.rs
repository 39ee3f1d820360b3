use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(default = 7)]
    org: u64,
}

fn main() {}
