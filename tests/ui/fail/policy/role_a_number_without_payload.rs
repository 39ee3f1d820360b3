use gatevault::{GuardError, protected};

#[protected(role = 7)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
