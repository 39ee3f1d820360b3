use gatevault::guarded;

#[guarded]
pub trait Office {
    type Verified<T>;

    fn open(&self, who: Self::Verified<u64>) -> bool where Self: Sized { drop(who); true }
}

fn main() {}
