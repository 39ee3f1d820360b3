//! A process that refreshes a session in an SQLite file until it is killed, and prints each new token.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "its output goes to a test, which fails if it panics"
)]

use std::env;
use std::sync::Arc;

use gatevault::{OAuthHandler, Payload, SqliteSessions, TokenManager};
use gatevault_tests::{Account, SECRET};

fn main() {
    let mut arguments = env::args().skip(1);
    let (path, mut token) = (arguments.next().unwrap(), arguments.next().unwrap());
    let tokens = TokenManager::builder().secret(SECRET).build().unwrap();
    let user = tokens.decode_refresh_token::<Payload>(&token).unwrap().into_claims();
    let hash = env::var("HASH").unwrap();
    let account = Account { id: user.user_id().clone(), hash };
    let oauth = OAuthHandler::new(tokens, |_: &str| None::<Account>)
        .lookup_by_id(move |_| Some(account.clone()))
        .session_store(Arc::new(SqliteSessions::blocking(&path).unwrap()));
    loop {
        token = oauth.refresh(&token).unwrap().refresh_token;
        println!("{token}");
    }
}
