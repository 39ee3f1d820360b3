use gatevault::{GuardError, protected};

#[protected(acr = 2)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
