use gatevault::{GuardError, Payload, guarded, protected};

struct Shop;

#[guarded]
impl Shop {
    #[protected(handler)]
    async fn orders(user: Payload) -> Result<String, GuardError> { Ok(user.user_id().to_string()) }
}

fn main() {}
