use gatevault::{GuardError, Payload, protected};

#[protected(scopes = "bills:read")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
