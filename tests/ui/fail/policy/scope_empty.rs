use gatevault::{GuardError, Payload, protected};

#[protected(scope = "")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
