use gatevault::guarded;

#[guarded]
mod office {
    #[public]
    pub fn open() {}
}

fn main() {}
