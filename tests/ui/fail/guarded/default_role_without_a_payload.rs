use gatevault::guarded;

#[guarded(role = "clerk")]
mod office {
    #[gatevault::protected]
    pub fn open() -> Result<(), gatevault::GuardError> {
        Ok(())
    }
}

fn main() {}
