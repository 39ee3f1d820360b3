use gatevault::{Claims, Verified, guarded};
struct Office;
#[guarded]
impl Office {
    fn open(who: &Verified<impl Claims>) { drop(who) }
}
fn main() {}
