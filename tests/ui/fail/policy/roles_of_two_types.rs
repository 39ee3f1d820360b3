use gatevault::{GuardError, Payload, protected};

#[protected(any_role("clerk", 'a'))]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
