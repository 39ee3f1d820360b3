use gatevault::{GuardError, Payload, protected};

#[protected(secure = "org_id == 7")]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
