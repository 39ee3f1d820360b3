use gatevault::{GuardError, Payload, protected};

type Caller = Payload;

#[protected(require = caller["role"] == "admin")]
fn delete_all(caller: Caller) -> Result<String, GuardError> {
    Ok(caller.user_id().to_string())
}

fn main() {}
