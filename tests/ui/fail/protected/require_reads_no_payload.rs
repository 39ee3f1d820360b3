use gatevault::{GuardError, protected};

#[protected(require = payload.org_id == Some(org_id))]
fn invoices(org_id: u64) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
