use gatevault::guarded;

pub fn open() {}

#[guarded]
pub mod office {
    pub use super::open;
}

fn main() {}
