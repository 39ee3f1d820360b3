use gatevault::{GuardError, protected};

#[protected(amr("pwd", "otp"))]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
