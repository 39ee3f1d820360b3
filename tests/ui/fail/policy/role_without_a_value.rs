use gatevault::{GuardError, Payload, protected};

#[protected(role)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
