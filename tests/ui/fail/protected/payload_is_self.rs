use gatevault::{GuardError, Payload, protected};

#[protected(payload = self)]
fn invoices(user: Payload) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
