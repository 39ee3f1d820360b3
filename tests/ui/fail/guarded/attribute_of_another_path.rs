use gatevault::guarded;

#[guarded]
mod office {
    #[clippy::protected]
    pub fn open() {}
}

fn main() {}
