use gatevault::{GuardError, protected};

#[protected(roles = "admin")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
