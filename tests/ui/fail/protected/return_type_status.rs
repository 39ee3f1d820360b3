use gatevault::{Payload, protected};

#[protected]
fn invoices(payload: Payload) -> u16 {
    drop(payload);
    200
}

fn main() {}
