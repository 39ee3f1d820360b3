use gatevault::{Claims, GuardError, protected};

#[protected]
async fn show<C: Claims>(caller: C) -> Result<(), GuardError> {
    drop(caller);
    Ok(())
}

fn main() {}
