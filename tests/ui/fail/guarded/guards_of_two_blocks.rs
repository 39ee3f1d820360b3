use gatevault::guarded;

#[guarded]
impl Office {}

#[guarded]
impl Office {}

struct Office;
fn main() {}
