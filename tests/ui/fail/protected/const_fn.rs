use gatevault::{GuardError, protected};

#[protected]
const fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
