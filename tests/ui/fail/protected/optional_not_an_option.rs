use gatevault::{GuardError, Payload, protected};

#[protected(optional)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
