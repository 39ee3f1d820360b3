use gatevault::guarded;

#[guarded]
mod office {
    #[public("it is a shop")]
    pub fn open() {}
}

fn main() {}
