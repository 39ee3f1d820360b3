use gatevault::{Bearer, GuardError, Payload, protected};

#[protected(handler)]
async fn profile(token: Bearer, user: Payload) -> Result<String, GuardError> {
    Ok(user.user_id().to_string())
}

fn main() {}
