use gatevault::guarded;

#[guarded]
pub struct Office;

fn main() {}
