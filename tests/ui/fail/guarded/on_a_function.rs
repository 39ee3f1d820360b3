use gatevault::guarded;

#[guarded]
pub fn open() {}

fn main() {}
