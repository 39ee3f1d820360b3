use gatevault::{GuardError, protected};

#[protected]
fn invoices(token: u64) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
