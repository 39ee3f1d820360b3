use gatevault::guarded;

#[guarded(gate = office)]
pub enum Office {
    Open,
}

fn main() {}
