use gatevault::guarded;

#[guarded]
mod office {
    pub struct Desk;
    impl Desk {
        pub const fn sit(&self) {}
    }
}

fn main() {}
