use gatevault::{GuardError, protected};

#[protected]
#[tracing::instrument(skip(token), fields(from = format!("{token}")))]
fn profile(token: &str, id: u64) -> Result<u64, GuardError> {
    Ok(id)
}

fn main() {}
