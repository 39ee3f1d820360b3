use gatevault::Claims;

#[derive(Claims)]
#[claims(rename_all = "camelCase")]
struct User {
    user_id: u64,
    org_id: u64,
    #[claims(rename = "orgId")]
    org: u64,
}

fn main() {}
