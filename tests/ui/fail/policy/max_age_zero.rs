use gatevault::{GuardError, Payload, protected};

#[protected(max_age = "0m")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
