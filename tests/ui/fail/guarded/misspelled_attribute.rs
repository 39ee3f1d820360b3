use gatevault::guarded;

#[guarded]
mod office {
    #[proteced]
    pub fn open() {}
}

fn main() {}
