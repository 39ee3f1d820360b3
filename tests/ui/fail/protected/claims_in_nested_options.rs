use gatevault::{GuardError, Payload, protected};

#[protected]
fn show(caller: Option<Box<Option<Payload>>>) -> Result<String, GuardError> {
    Ok(caller.is_some().to_string())
}

fn main() {}
