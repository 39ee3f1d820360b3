#[gatevault::guarded(role = "admin")]
mod office {
    use gatevault::{Payload, Verified};
    pub fn open(who: Verified<Payload>) { drop(who) }
    #[gatevault::guarded]
    impl Desk {
        pub fn sit(&self, who: &Verified<Payload>) { drop(who) }
    }
    pub struct Desk;
}
fn main() {}
