use gatevault::{Payload, Verified, guarded};
struct Office;
#[guarded]
impl Office {
    fn optional(who: Option<Verified<Payload>>) { drop(who) }
    fn several(who: Vec<Verified<Payload>>) { drop(who) }
    fn failed(&self, who: Result<&Verified<Payload>, u8>) { drop(who) }
    fn exclusive(who: &mut Verified<Payload>) { drop(who) }
    fn unnamed(who: impl std::ops::Deref<Target = Verified<Payload>>) { drop(who) }
    fn called(who: fn() -> Verified<Payload>) { drop(who) }
}
fn main() {}
