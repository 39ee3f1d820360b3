use gatevault::{GuardError, Payload, protected};

#[protected(require = payload.user_id().as_u64())]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
