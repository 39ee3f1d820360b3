use gatevault::guarded;

#[guarded]
mod office {
    #[public(reason = " ")]
    pub fn open() {}
}

fn main() {}
