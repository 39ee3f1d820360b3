use gatevault::{GuardError, Payload, protected};

#[protected]
fn invoices(payload: Payload, _payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
