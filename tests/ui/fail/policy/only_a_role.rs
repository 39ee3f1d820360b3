use gatevault::{GuardError, Payload, protected};

enum Role { Admin }

#[protected(Role::Admin)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
