use gatevault::guarded;
pub struct Json<T>(pub T);
pub type Verified<T> = Json<T>;
#[guarded]
mod office {
    pub fn open(who: super::Verified<u64>) { drop(who.0) }
}
fn main() {}
