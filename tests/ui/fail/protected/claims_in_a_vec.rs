use gatevault::{GuardError, Payload, protected};

#[protected]
fn show(caller: Vec<Payload>) -> Result<String, GuardError> {
    Ok(caller.len().to_string())
}

fn main() {}
