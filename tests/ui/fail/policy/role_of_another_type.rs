use gatevault::{GuardError, Payload, protected};

#[protected(role = 7)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
