use gatevault::{GuardError, Payload, protected};

#[protected]
fn invoices(#[cfg(unix)] payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
