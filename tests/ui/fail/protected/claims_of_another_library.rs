use gatevault::{GuardError, Payload, protected};

struct User;

#[protected(claims = User)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
