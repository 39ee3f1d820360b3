use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(flatten, role)]
    rest: std::collections::BTreeMap<String, u64>,
}

fn main() {}
