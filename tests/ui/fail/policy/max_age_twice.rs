use gatevault::{GuardError, Payload, protected};

#[protected(max_age = "5m", max_age = "1h")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
