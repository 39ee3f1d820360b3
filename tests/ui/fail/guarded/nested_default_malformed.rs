#[gatevault::guarded(max_age = "5 minutes")]
mod office {
    pub struct Desk;
    #[gatevault::guarded(role = "clerk")]
    impl Desk {
        #[gatevault::protected]
        fn sit(&self, payload: gatevault::Payload) -> Result<(), gatevault::GuardError> {
            Ok(drop(payload))
        }
    }
}
fn main() {}
