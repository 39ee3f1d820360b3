use gatevault::{GuardError, Payload, protected};

#[protected]
fn invoices(payload: Payload) -> Result<u64, GuardError> {
    payload.user_id().as_u64();
}

fn main() {}
