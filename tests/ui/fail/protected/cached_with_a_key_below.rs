use gatevault::{GuardError, Payload, protected};

#[protected(payload = caller)]
#[cached::macros::cached(key = "u64", convert = "{ n }")]
fn report(n: u64, caller: Payload) -> Result<u64, GuardError> {
    drop(caller);
    Ok(n)
}

fn main() {}
