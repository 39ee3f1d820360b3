use gatevault::{GuardError, protected};

#[protected(scope = "a", optional)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
