use gatevault::{GuardError, Payload, protected};

#[protected(require = payload.)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
