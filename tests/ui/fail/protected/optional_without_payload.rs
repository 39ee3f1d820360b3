use gatevault::{GuardError, protected};

#[protected(optional)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
