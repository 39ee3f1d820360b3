use gatevault::{GuardError, Payload, protected};

struct Shop;

impl Shop {
    #[protected(handler)]
    async fn orders(&self, user: Payload) -> Result<String, GuardError> {
        Ok(user.user_id().to_string())
    }
}

fn main() {}
