use gatevault::{GuardError, Payload, protected};

#[protected(scpoe = "bills:read")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
