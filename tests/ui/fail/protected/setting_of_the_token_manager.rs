use gatevault::{GuardError, Payload, protected};

#[protected(issuer = "https://login.example")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
