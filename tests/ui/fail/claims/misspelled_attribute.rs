use gatevault::Claims;

#[derive(Claims)]
#[claims(renameall = "camelCase")]
struct User {
    #[claims(subjcet)]
    id: u64,
    user_id: u64,
}

fn main() {}
