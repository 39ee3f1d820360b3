use gatevault::{OAuthHandler, TokenManager};
struct Users;
fn main() {
    let tokens = || TokenManager::new("secret").unwrap();
    OAuthHandler::with_users(tokens(), Users);
    OAuthHandler::with_sync_users(tokens(), Users);
}
