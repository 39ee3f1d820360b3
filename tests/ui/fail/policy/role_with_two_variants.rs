use gatevault::{GuardError, Payload, protected};

enum Role { Clerk, Admin }

#[protected(role = Role::Clerk, Role::Admin)]
fn invoices(payload: Payload) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
