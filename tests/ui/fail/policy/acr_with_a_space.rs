use gatevault::{GuardError, protected};

#[protected(acr = "phr phrh")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
