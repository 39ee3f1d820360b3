use gatevault::{GuardError, Payload, protected};

#[protected(scope = "bills:read", "bills:write")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
