use gatevault::{GuardError, Payload, protected};

#[protected(max_age = "5")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
