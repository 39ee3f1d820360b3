use gatevault::{GuardError, protected};

#[protected(amr = "o\\tp")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
