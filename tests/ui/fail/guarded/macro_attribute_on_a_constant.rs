use gatevault::guarded;

#[guarded]
mod office {
    #[make_functions]
    pub const OPEN: bool = true;
}

fn main() {}
