use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64, role: String }

#[protected]
fn act_as(user: User, payload: User) -> Result<u64, GuardError> {
    Ok(user.user_id.max(payload.user_id))
}

fn main() {}
