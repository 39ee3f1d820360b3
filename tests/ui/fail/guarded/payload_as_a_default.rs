use gatevault::guarded;

#[guarded(payload = who)]
mod office {
    #[gatevault::protected]
    pub fn open(payload: gatevault::Payload) -> Result<(), gatevault::GuardError> {
        Ok(drop(payload))
    }
}

fn main() {}
