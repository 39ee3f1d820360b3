use gatevault::guarded;
pub struct Verified<C>(pub C);
#[guarded]
mod office {
    pub fn open(who: super::Verified<u64>) { drop(who) }
    pub async fn close<C>(who: &super::Verified<C>) -> u8 { drop(who); 1 }
}
fn main() {}
