use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64, role: String }

#[protected]
fn profile(paylod: User) -> Result<String, GuardError> {
    Ok(paylod.role)
}

fn main() {}
