use gatevault::{GuardError, protected};

enum Role { Clerk }

#[protected(role = Role::Clerk)]
fn invoices() -> Result<(), GuardError> {
    Ok(())
}

fn main() {}
