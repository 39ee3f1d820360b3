use gatevault::{GuardError, Payload, protected};

#[protected(scopes = "bills:read bills:write")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
