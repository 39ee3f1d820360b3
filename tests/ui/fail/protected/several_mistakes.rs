use gatevault::{GuardError, Payload, protected};

#[protected(gat = 1, refresh = 2, payload = user)]
fn invoices(user: Payload, #[cfg(unix)] token: &str) -> Result<(), GuardError> {
    Ok(drop(user))
}

fn main() {}
