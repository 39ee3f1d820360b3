use gatevault::{GuardError, protected};

#[protected(scope = "bills:read", role = "clerk")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
