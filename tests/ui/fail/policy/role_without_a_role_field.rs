use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64 }

#[protected(role = "clerk")]
fn invoices(payload: User) -> Result<(), GuardError> {
    Ok(drop(payload.user_id))
}

fn main() {}
