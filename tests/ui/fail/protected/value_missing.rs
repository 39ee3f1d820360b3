use gatevault::{GuardError, protected};

#[protected(gate, require =)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
