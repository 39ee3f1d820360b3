use gatevault::{GuardError, Payload, protected};

#[protected(role = "clerk", "admin", optional)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
