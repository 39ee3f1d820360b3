use gatevault::ClaimValue;

#[derive(ClaimValue)]
#[claims(rename_all = "camelCase")]
struct UserNo(#[claims(rename = "no")] u64);

fn main() {}
