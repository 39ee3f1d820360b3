use gatevault::{GuardError, protected};

#[protected(require = true refresh)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
