use gatevault::{GuardError, Payload, protected};

#[protected]
fn show(caller: Box<Payload>) -> Result<String, GuardError> {
    Ok(caller.user_id().to_string())
}

fn main() {}
