use gatevault::{GuardError, protected};

#[protected]
#[log_derive::logfn_inputs(Info)]
fn profile(token: &str, id: u64) -> Result<u64, GuardError> {
    Ok(id)
}

fn main() {}
