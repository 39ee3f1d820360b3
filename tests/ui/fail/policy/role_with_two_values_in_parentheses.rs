use gatevault::{GuardError, Payload, protected};

#[protected(role("clerk", "admin"))]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
