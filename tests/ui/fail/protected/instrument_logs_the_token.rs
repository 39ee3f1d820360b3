use gatevault::{GuardError, Payload, protected};

#[protected]
#[tracing::instrument]
fn profile(payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

fn main() {
    let _ = profile("token");
}
