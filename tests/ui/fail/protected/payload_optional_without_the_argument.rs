use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64 }

#[protected]
fn invoices(payload: Option<User>) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
