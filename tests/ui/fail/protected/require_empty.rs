use gatevault::{GuardError, protected};

#[protected(require())]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
