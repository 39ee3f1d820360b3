use gatevault::guarded;

#[guarded(guards = "MORE_GUARDS")]
impl Office {}

struct Office;
fn main() {}
