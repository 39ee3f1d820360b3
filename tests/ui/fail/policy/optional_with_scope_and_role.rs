use gatevault::{GuardError, Payload, protected};

#[protected(scope = "a", role = "clerk", optional)]
fn invoices(payload: Option<Payload>) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
