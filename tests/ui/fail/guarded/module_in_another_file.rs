use gatevault::guarded;

#[guarded]
mod office;

fn main() {}
