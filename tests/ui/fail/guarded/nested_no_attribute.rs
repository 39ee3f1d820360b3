#[gatevault::guarded]
mod office {
    pub struct Desk;
    #[gatevault::guarded(role = "clerk")]
    impl Desk {
        fn sit(&self) {}
    }
}
fn main() {}
