use gatevault::{GuardError, Payload, protected};

#[protected(optional, role = "clerk")]
fn invoices(payload: Option<Payload>) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
