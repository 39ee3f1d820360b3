use gatevault::{GuardError, protected};

#[protected(acr = "phr", acr = "phrh")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
