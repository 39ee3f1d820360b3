use gatevault::{GuardError, Payload, protected};

#[protected(scope = READ)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
