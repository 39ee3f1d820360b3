use gatevault::{GuardError, protected};

#[protected(payload = who, scope = "bills:read")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
