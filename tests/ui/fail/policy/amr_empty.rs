use gatevault::{GuardError, protected};

#[protected(amr = "")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
