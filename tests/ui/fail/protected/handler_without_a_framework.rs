use gatevault::{GuardError, Payload, protected};

#[protected(role = "clerk", handler)]
fn profile(user: Payload) -> Result<String, GuardError> {
    Ok(user.user_id().to_string())
}

fn main() {}
