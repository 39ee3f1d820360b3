use gatevault::guarded;

#[guarded]
mod office {
    #[public(reason = "it is a shop")]
    pub fn open() {}
    #[public(reason = "it is a shop")]
    pub fn close(at night: u8) {}
}

fn main() {}
