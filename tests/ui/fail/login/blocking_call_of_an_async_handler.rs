use gatevault::{OAuthHandler, UserStore};
fn log_in<S: UserStore>(oauth: OAuthHandler<S>) {
    oauth.login("ada", "correct horse").unwrap();
}
fn main() {}
