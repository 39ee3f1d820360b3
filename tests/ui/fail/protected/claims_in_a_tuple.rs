use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64, role: String }

#[protected(require = user.role == "admin")]
fn delete_all((_, user): (u64, User)) -> Result<String, GuardError> {
    Ok(user.role)
}

fn main() {}
