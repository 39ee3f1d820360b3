use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64 }

#[protected(any_scope("bills:read", "bills:write"))]
fn invoices(payload: User) -> Result<(), GuardError> {
    Ok(drop(payload.user_id))
}

fn main() {}
