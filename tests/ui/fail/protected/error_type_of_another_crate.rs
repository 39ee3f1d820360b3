use gatevault::{Payload, protected};

#[protected]
fn invoices(payload: Payload) -> Result<(), std::io::Error> {
    drop(payload);
    Ok(())
}

fn main() {}
