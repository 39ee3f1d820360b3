use gatevault::{GuardError, protected};

#[protected(acr = "phr\", max_age=\"1")]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
