use gatevault::{GuardError, Payload, protected};

#[protected(requier = payload["a"] == Vec::<(u8, u8)>::new().len())]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
