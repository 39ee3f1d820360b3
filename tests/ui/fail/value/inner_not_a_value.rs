use gatevault::ClaimValue;

struct Inner;

#[derive(ClaimValue)]
struct UserNo(Inner);

fn main() {}
