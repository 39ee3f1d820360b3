use gatevault::guarded;

#[guarded]
#[path = "../../pass/unsafe_function.rs"]
mod office;

fn main() {}
