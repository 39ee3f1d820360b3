use gatevault::{GuardError, Payload, guarded, protected};

#[guarded(max_age = "5m")]
impl Office {
    #[protected(refresh)]
    fn open(payload: Payload) -> Result<(), GuardError> {
        Ok(drop(payload))
    }
}

struct Office;
fn main() {}
