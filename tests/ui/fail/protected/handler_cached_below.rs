use gatevault::{GuardError, Payload, protected};

#[protected(handler)]
#[cached::macros::cached]
fn profile(user: Payload) -> Result<String, GuardError> {
    Ok(user.user_id().to_string())
}

fn main() {}
