use gatevault::guarded;

#[guarded]
mod office {
    pub fn open() {}
    async fn close() {}
}

fn main() {}
