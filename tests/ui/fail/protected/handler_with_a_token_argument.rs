use gatevault::{GuardError, Payload, protected};

#[protected(handler, token = current())]
async fn profile(user: Payload) -> Result<String, GuardError> {
    Ok(user.user_id().to_string())
}

fn main() {}
