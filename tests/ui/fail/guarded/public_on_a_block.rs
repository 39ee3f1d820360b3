use gatevault::guarded;

#[guarded]
mod office {
    pub struct Desk;
    #[public(reason = "it is a shop")]
    impl Desk {}
}

fn main() {}
