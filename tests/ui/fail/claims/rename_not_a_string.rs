use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    #[claims(rename = org_id)]
    org: u64,
}

fn main() {}
