use gatevault::ClaimValue;

#[derive(ClaimValue)]
struct UserNo {
    number: u64,
}

fn main() {}
