use gatevault::{GuardError, protected};

#[protected(acr = "")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
