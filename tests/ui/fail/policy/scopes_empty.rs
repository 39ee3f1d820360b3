use gatevault::{GuardError, Payload, protected};

#[protected(scopes())]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
