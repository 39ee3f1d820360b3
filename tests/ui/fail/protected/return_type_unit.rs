use gatevault::{Payload, protected};

#[protected]
fn invoices(payload: Payload) {
    drop(payload);
}

fn main() {}
