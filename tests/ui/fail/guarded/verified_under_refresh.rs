use gatevault::{Payload, Verified, guarded};
struct Office;
#[guarded(gate = self.gate, refresh, max_age = "5m")]
impl Office {
    fn open(&self, who: &Verified<Payload>) { drop(who) }
}
fn main() {}
