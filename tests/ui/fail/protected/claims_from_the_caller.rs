use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64, role: String }

#[protected(require = user.role == "admin")]
fn delete_all(user: User) -> Result<u64, GuardError> {
    Ok(user.user_id)
}

fn main() {}
