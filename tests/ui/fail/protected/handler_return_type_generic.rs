use gatevault::{GuardError, Payload, protected};

#[protected(handler)]
fn profile<T: Default>(user: Payload) -> Result<T, GuardError> {
    Ok(T::default())
}

fn main() {}
