use gatevault::{GuardError, Payload, protected};

#[protected]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {
    let _ = invoices();
}
