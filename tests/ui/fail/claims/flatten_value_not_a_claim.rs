use gatevault::Claims;

struct Role;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(flatten)]
    rest: std::collections::HashMap<String, Role>,
}

fn main() {}
