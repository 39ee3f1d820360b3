use gatevault::{GuardError, claims::Serde, protected};

struct User;

#[protected]
fn invoices(payload: Serde<User>) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
