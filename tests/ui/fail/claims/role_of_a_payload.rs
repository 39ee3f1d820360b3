use gatevault::{GuardError, Payload, protected};

enum Role { Admin }

#[protected(role = Role::Admin)]
fn close(payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
