use gatevault::{Payload, protected};

#[protected]
fn invoices(payload: Payload) -> Result<(), String> {
    drop(payload);
    Ok(())
}

fn main() {}
