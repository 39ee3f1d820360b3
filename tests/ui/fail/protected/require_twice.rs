use gatevault::{GuardError, protected};

#[protected(require = 1 < 2, require = 2 < 3)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
