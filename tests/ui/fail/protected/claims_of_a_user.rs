use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64 }

#[protected]
fn profile(user: User) -> Result<u64, GuardError> {
    Ok(user.user_id)
}

fn main() {}
