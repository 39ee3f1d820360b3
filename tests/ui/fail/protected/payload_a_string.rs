use gatevault::{GuardError, protected};

#[protected]
fn rename(payload: String) -> Result<usize, GuardError> {
    Ok(payload.len())
}

fn main() {}
