use gatevault::{OAuthHandler, TokenManager, UserId};
struct Pool;
impl Pool { async fn find(&self, _: &str) -> Option<Account> { None } }
struct Account;
impl gatevault::AuthUser for Account {
    fn id(&self) -> UserId { 1.into() }
    fn hashed_password(&self) -> Option<&str> { None }
}
fn handler(tokens: TokenManager, pool: Pool) {
    OAuthHandler::new_async(tokens, async move |name: &str| pool.find(name).await);
}
fn main() {}
