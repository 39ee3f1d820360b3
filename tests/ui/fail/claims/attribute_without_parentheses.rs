use gatevault::Claims;

#[derive(Claims)]
struct User {
    #[claims]
    user_id: u64,
    #[claims = "org"]
    org: u64,
}

fn main() {}
