use gatevault::{OAuthHandler, TokenManager, UserId};
struct Account;
impl gatevault::AuthUser for Account {
    fn id(&self) -> UserId { 1.into() }
    fn hashed_password(&self) -> Option<&str> { None }
}
fn main() {
    OAuthHandler::new(TokenManager::new("secret").unwrap(), |_: &str| async { None::<Account> });
}
