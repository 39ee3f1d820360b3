use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64 }

#[protected]
fn invoices(payload: Result<User, GuardError>) -> Result<u64, GuardError> {
    Ok(payload.user_id)
}

fn main() {}
