use gatevault::{Payload, protected};

#[protected]
fn invoices(payload: Payload) -> (u16, String) {
    drop(payload);
    (200, String::new())
}

fn main() {}
