use gatevault::{GuardError, Payload, guarded, protected};

#[guarded(require = payload["role"] == "admin")]
mod shop {
    use super::*;
    #[protected]
    pub fn close() -> Result<(), GuardError> { Ok(()) }
    #[protected]
    pub fn open(payload: Payload) -> Result<(), GuardError> { Ok(drop(payload)) }
}

fn main() {}
