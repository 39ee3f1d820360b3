use gatevault::{GuardError, protected};

#[protected(gate = "main")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
