use gatevault::{GuardError, Payload, protected};

#[protected]
fn invoices(#[cfg_attr(unix, cfg(windows))] payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
