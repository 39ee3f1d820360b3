//! Prices over `WebSocket`s and server-sent events, which end with the session of their user.

mod accounts;
pub mod actix;
pub mod axum;
mod prices;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatevault::error::BoxError;
use gatevault::token::{Invalidation, Purpose};
use gatevault::{
    AuthRoutes, Claims, GuardError, OAuthHandler, PasswordHasher, RevocationFeed, SqliteSessions,
    TokenManager, Verified,
};
use serde::Deserialize;

use accounts::Users;

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: u64,
}

/// A ticket opens one connection. A browser cannot send a header with a `WebSocket` or an `EventSource`, and the address of a
/// connection may be logged, so it must not contain an access token.
const TICKET: Purpose = Purpose::new("connection-ticket", Duration::from_secs(30)).once();

/// The state that handlers share.
#[derive(Debug, Clone)]
pub struct App {
    tokens: TokenManager,
    oauth: Arc<OAuthHandler<Users>>,
    _feed: Arc<RevocationFeed>,
}

/// The query of a connection that is opened with a ticket.
#[derive(Debug, Deserialize)]
struct TicketQuery {
    ticket: String,
}

impl App {
    /// Opens the sessions in a database, or creates it if it is missing.
    ///
    /// # Errors
    ///
    /// An unusable file, and a secret of less than 32 bytes.
    pub async fn open(database: &Path, secret: &str, hasher: PasswordHasher) -> Result<Self, BoxError> {
        let sessions = SqliteSessions::open(database).await?;
        let tokens = TokenManager::builder().secret(secret).deny_short_key().build()?;
        // Logouts in other processes end connections here. The feed of the handler asks the file once a second only.
        let feed =
            RevocationFeed::of(sessions.clone()).poll_interval(Duration::from_millis(250)).follow(&tokens)?;
        let users = Users::new(&hasher)?;
        let oauth = OAuthHandler::with_users(tokens.clone(), users).hasher(hasher).session_store(sessions);
        Ok(Self { tokens, oauth: Arc::new(oauth), _feed: Arc::new(feed) })
    }

    fn routes(&self) -> AuthRoutes<Users> {
        AuthRoutes::new(Arc::clone(&self.oauth))
    }

    /// Creates a ticket for the session of the caller.
    fn ticket(&self, caller: &Verified<User>) -> Result<String, GuardError> {
        Ok(self.tokens.create_purpose_token(&TICKET, caller, "")?)
    }

    /// Returns the end of a connection that the caller opens with an access token.
    fn end(&self, caller: &Verified<User>) -> Invalidation {
        self.tokens.invalidated(caller).ignoring_expiry()
    }

    /// Uses a ticket up, and returns the end of the connection.
    async fn redeem(&self, query: &TicketQuery) -> Result<Invalidation, GuardError> {
        let redeemed = self.oauth.async_redeem_purpose_token(&TICKET, &query.ticket, "").await?;
        Ok(self.tokens.invalidated_purpose(&redeemed))
    }
}
