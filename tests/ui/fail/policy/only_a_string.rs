use gatevault::{GuardError, Payload, protected};

#[protected("admin")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
