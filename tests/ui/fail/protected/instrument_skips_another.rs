use gatevault::{GuardError, protected};

#[protected]
#[tracing::instrument(skip(id), fields(bytes = token.len()))]
fn profile(token: &str, id: u64) -> Result<u64, GuardError> {
    Ok(id)
}

fn main() {}
