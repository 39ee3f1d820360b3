use gatevault::{Payload, Verified, guarded};
struct Office;
#[guarded]
impl Office {
    fn open(#[cfg(windows)] who: &Verified<Payload>) {}
}
fn main() {}
