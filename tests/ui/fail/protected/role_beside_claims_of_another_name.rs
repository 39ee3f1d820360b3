use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64, #[claims(role)] role: String }

#[protected(role = "admin")]
fn delete_all(user: User) -> Result<String, GuardError> {
    Ok(user.role)
}

fn main() {}
