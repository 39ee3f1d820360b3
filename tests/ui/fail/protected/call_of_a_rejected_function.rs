use gatevault::{GuardError, Payload, protected};

#[protected(requier = true)]
fn invoices(id: u64, payload: Payload) -> Result<(), GuardError> {
    Ok(drop((id, payload)))
}

fn main() {
    let _ = invoices("token", 7);
}
