use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(with)]
    org: u64,
}

fn main() {}
