use gatevault::{GuardError, protected};

#[protected]
fn upload(payload: std::path::PathBuf) -> Result<bool, GuardError> {
    Ok(payload.exists())
}

fn main() {}
