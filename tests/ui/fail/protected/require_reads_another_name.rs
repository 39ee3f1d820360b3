use gatevault::{GuardError, Payload, protected};

#[protected(require = payload["role"] == "admin", payload = user)]
fn invoices(user: Payload) -> Result<(), GuardError> {
    Ok(drop(user))
}

fn main() {}
