use gatevault::{GuardError, Payload, protected};

#[protected(payload = "user")]
fn invoices(user: Payload) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
