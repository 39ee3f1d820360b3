use gatevault::{GuardError, protected};

#[protected]
#[memoize::memoize]
fn report(token: String, day: u32) -> Result<u32, GuardError> {
    Ok(day)
}

fn main() {}
