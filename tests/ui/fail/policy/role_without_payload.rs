use gatevault::{GuardError, protected};

#[protected(role = "clerk")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
