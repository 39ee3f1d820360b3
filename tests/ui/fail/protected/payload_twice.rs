use gatevault::{GuardError, Payload, protected};

#[protected]
fn invoices(payload: Payload, payload: u64) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
