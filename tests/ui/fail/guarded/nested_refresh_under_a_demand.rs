#[gatevault::guarded(scope = "office")]
mod office {
    pub struct Desk;
    #[gatevault::guarded(refresh)]
    impl Desk {
        #[gatevault::protected]
        fn sit(&self, payload: gatevault::Payload) -> Result<(), gatevault::GuardError> {
            Ok(drop(payload))
        }
    }
}
fn main() {}
