use gatevault::guarded;

macro_rules! open {
    () => { pub fn open() {} };
}

#[guarded]
mod office {
    open!();
}

fn main() {}
