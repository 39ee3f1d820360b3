use gatevault::{GuardError, Payload, protected};

#[protected]
fn invoices(id: u64, payload: Payload) -> Result<(), GuardError> {
    Ok(drop((id, payload)))
}

fn main() {
    let _ = invoices(7);
}
