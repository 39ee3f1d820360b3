use gatevault::{GuardError, Payload, protected};

#[protected(permission = "bills:read")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
