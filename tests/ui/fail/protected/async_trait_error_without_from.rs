use gatevault::protected;

struct AppError;

#[async_trait::async_trait]
trait Orders {
    #[protected]
    async fn list(token: &str) -> Result<(), AppError> {
        Ok(())
    }
}
fn main() {}
