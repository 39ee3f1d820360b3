use gatevault::{GuardError, Payload, protected};

#[protected(any_role("clerk", 7))]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
