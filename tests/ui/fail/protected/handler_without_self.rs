use gatevault::{GuardError, protected};

struct Shop;

impl Shop {
    #[protected(handler)]
    async fn orders(user: gatevault::Payload) -> Result<String, GuardError> {
        Ok(user.user_id().to_string())
    }
}

fn main() {}
