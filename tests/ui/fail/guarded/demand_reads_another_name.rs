use gatevault::{GuardError, Payload, guarded, protected};

struct Shop;

#[guarded(require = payload["role"] == "admin")]
impl Shop {
    #[protected(payload = user)]
    fn close(user: Payload) -> Result<(), GuardError> { Ok(drop(user)) }
}

fn main() {}
