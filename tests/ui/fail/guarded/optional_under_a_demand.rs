use gatevault::{GuardError, Payload, guarded, protected};

#[guarded(role = "clerk")]
impl Office {
    #[protected(optional)]
    fn open(payload: Option<Payload>) -> Result<(), GuardError> {
        Ok(drop(payload))
    }
}

struct Office;
fn main() {}
