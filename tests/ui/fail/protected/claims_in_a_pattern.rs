use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64, role: String }

#[protected(require = role == "admin")]
fn delete_all(User { role, .. }: User) -> Result<String, GuardError> {
    Ok(role)
}

fn main() {}
