use gatevault::{GuardError, Payload, protected};

#[protected(any_scope())]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
