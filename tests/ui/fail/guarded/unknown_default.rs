use gatevault::guarded;

#[guarded(roel = "clerk")]
mod office {
    #[gatevault::protected]
    pub fn open() -> Result<(), gatevault::GuardError> {
        Ok(())
    }
}

fn main() {}
