use gatevault::guarded;

#[guarded]
mod office {
    #[public(because = "it is a shop")]
    pub fn open() {}
}

fn main() {}
