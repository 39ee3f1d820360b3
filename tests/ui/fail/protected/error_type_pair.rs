use gatevault::{Payload, protected};

#[protected]
fn invoices(payload: Payload) -> Result<(), (u16, String)> {
    drop(payload);
    Ok(())
}

fn main() {}
