use gatevault::{GuardError, protected};

#[protected(refresh, refresh)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
