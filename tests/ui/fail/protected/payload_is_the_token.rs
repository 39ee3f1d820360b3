use gatevault::{GuardError, Payload, protected};

#[protected(payload = token)]
fn invoices(token: Payload) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
