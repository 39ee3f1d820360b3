use gatevault::ClaimValue;

#[derive(ClaimValue)]
struct UserNo(u64, u64);

fn main() {}
