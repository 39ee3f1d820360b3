use gatevault::guarded;

#[guarded]
mod office {
    #[public(reason = "it is a shop")]
    #[public(reason = "visitors browse")]
    pub fn open() {}
}

fn main() {}
