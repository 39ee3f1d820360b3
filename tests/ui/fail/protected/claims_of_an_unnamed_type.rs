use gatevault::{Claims, GuardError, protected};

#[protected]
fn show(caller: impl Claims) -> Result<(), GuardError> {
    drop(caller);
    Ok(())
}

fn main() {}
