use gatevault::{GuardError, Payload, protected};

#[async_trait::async_trait]
trait Orders {
    #[tracing::instrument(skip(token))]
    #[protected(require = std::future::ready(true).await)]
    async fn list(token: &str, payload: Payload) -> Result<(), GuardError> {
        Ok(())
    }
}

fn main() {}
