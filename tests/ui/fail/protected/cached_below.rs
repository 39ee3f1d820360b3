use gatevault::{GuardError, protected};

#[protected]
#[cached::macros::cached]
fn report(day: u32) -> Result<u32, GuardError> {
    Ok(day)
}

fn main() {}
