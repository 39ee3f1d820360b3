use gatevault::{GuardError, protected};

#[protected]
fn invoices(#[cfg(unix)] token: &str) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
