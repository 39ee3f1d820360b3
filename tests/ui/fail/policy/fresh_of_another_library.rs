use gatevault::{GuardError, Payload, protected};

#[protected(fresh)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
