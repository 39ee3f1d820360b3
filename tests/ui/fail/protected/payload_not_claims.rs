use gatevault::{GuardError, protected};

struct User;

#[protected]
fn invoices(payload: User) -> Result<(), GuardError> {
    Ok(drop(payload))
}

fn main() {}
