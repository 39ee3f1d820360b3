use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(flatten)]
    rest: Vec<String>,
}

fn main() {}
