use gatevault::{GuardError, Payload, protected};

#[protected(require = "payload.org_id == 7")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
