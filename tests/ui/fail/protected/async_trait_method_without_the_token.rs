use gatevault::{GuardError, protected};

#[async_trait::async_trait]
trait Orders { async fn list(&self) -> Result<(), GuardError>; }

struct Shop;
#[async_trait::async_trait]
impl Orders for Shop {
    #[protected]
    async fn list(&self) -> Result<(), GuardError> { Ok(()) }
}
fn main() {}
