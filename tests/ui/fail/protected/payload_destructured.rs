use gatevault::{GuardError, Payload, protected};

#[protected]
fn invoices(payload @ _: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
