use gatevault::{GuardError, protected};

#[protected(refresh = true)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
