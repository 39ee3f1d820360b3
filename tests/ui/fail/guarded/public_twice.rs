use gatevault::guarded;

#[guarded]
mod office {
    #[public(reason = "it is a shop")]
    #[public(reason = "it is for all")]
    pub fn open() {}
}

fn main() {}
