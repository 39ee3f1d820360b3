use gatevault::ClaimValue;

#[derive(ClaimValue)]
enum Role {
    Guest,
    Member { since: u64 },
    Admin(u8),
}

fn main() {}
