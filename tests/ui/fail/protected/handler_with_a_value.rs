use gatevault::{GuardError, Payload, protected};

#[protected(handler = axum)]
fn profile(user: Payload) -> Result<String, GuardError> {
    Ok(user.user_id().to_string())
}

fn main() {}
