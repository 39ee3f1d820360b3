use gatevault::{GuardError, Payload, protected};

struct Shop;

impl Shop {
    #[protected(handler)]
    async fn open(user: Payload) -> Result<Self, GuardError> {
        Ok(Self)
    }
}

fn main() {}
