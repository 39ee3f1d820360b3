use gatevault::{GuardError, Payload, protected};

#[protected(token = "Authorization", payload = user: Payload)]
fn invoices() -> Result<(), GuardError> {
    Ok(drop(user))
}

fn main() {}
