use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64 }

#[protected]
fn invoices(payload: impl gatevault::claims::Claims) -> Result<u64, GuardError> {
    Ok(payload.user_id)
}

fn main() {}
