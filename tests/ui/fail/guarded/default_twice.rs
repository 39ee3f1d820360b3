use gatevault::guarded;

#[guarded(max_age = "5m", max_age = "6m")]
mod office {
    #[gatevault::protected]
    pub fn open() -> Result<(), gatevault::GuardError> {
        Ok(())
    }
}

fn main() {}
