use gatevault::{GuardError, Payload, protected};

#[protected(require = payload["role"] == "admin")]
#[cached::macros::once(ttl_secs = 60)]
async fn report(payload: Payload) -> Result<String, GuardError> {
    Ok(payload.user_id().to_string())
}

fn main() {}
