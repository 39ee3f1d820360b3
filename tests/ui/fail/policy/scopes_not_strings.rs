use gatevault::{GuardError, Payload, protected};

#[protected(scopes(READ, WRITE))]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
