use gatevault::{GuardError, Payload, protected};

#[protected]
fn show(caller: std::sync::Arc<Payload>) -> Result<String, GuardError> {
    Ok(caller.user_id().to_string())
}

fn main() {}
