use gatevault::{GuardError, Payload, protected};

#[protected(any_role())]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
