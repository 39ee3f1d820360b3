use gatevault::{GuardError, Payload, protected};

#[protected(any_role = ["clerk", "admin"])]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
