use gatevault::{GuardError, Payload, protected};

#[protected(scope = "bills:read", scope = "bills:write")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
