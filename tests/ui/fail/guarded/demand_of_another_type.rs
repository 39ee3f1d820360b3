use gatevault::{Claims, GuardError, guarded, protected};

#[derive(Claims)]
struct Guest { user_id: u64 }

#[guarded(require = payload.role == "clerk")]
mod office {
    use super::*;
    #[protected]
    fn open(payload: Guest) -> Result<(), GuardError> { Ok(drop(payload)) }
}
fn main() {}
