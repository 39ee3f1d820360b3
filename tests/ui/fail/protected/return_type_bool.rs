use gatevault::{Payload, protected};

#[protected]
fn invoices(payload: Payload) -> bool {
    drop(payload);
    true
}

fn main() {}
