use gatevault::{GuardError, Payload, protected};

#[async_trait::async_trait]
trait Orders { async fn list(&self, user: Payload) -> Result<String, GuardError>; }

#[async_trait::async_trait]
impl Orders for () {
    #[protected(handler)]
    async fn list(&self, user: Payload) -> Result<String, GuardError> { Ok(user.user_id().to_string()) }
}

fn main() {}
