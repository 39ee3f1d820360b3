use gatevault::{GuardError, Payload, protected};

#[protected(any_scope["bills:read"])]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
