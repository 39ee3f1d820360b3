use gatevault::{GuardError, Payload, protected};

#[protected(role = Role::Clerk)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
