use gatevault::guarded;

#[guarded(max_age = "5 minutes")]
mod office {
    #[gatevault::protected(max_age = "5m")]
    pub fn open() -> Result<(), gatevault::GuardError> {
        Ok(())
    }
}

fn main() {}
