use gatevault::guarded;

#[guarded]
mod office {
    #[public(reason = "it is a shop")]
    #[gatevault::protected]
    pub fn open() -> Result<(), gatevault::GuardError> {
        Ok(())
    }
}

fn main() {}
