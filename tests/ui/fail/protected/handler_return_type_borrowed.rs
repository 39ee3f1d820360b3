use gatevault::{GuardError, Payload, protected};

#[protected(handler)]
fn profile(name: &str, user: Payload) -> Result<&str, GuardError> {
    Ok(name)
}

fn main() {}
