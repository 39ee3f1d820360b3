//! The application: its parts and its routes.

mod accounts;
mod error;
mod keys;
mod names;
mod notes;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post, put};
use gatevault::error::BoxError;
use gatevault::web::KeyExchange;
use gatevault::{
    Auth, ClaimValue, Claims, LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher, SqliteSessions,
    TokenManager,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use tokio::net::TcpListener;

use accounts::Users;
pub use error::AppError;

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: i64,
    #[claims(role)]
    role: Role,
    #[claims(scope)]
    scope: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ClaimValue)]
enum Role {
    Member,
    Admin,
}

/// The state that handlers share.
#[derive(Debug, Clone)]
pub struct App {
    db: SqlitePool,
    auth: Auth<Users>,
    trusted_proxies: Option<usize>,
}

impl App {
    /// Opens a database, or creates it if it is missing.
    ///
    /// # Errors
    ///
    /// An unusable file, and a secret of less than 32 bytes.
    pub async fn open(database: &Path, secret: &str, hasher: PasswordHasher) -> Result<Self, BoxError> {
        let file = SqliteConnectOptions::new().filename(database).create_if_missing(true);
        let db = SqlitePool::connect_with(file.journal_mode(SqliteJournalMode::Wal)).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&db).await?;
        let sessions = SqliteSessions::new(db.clone())?;
        sessions.migrate().await?;

        let tokens = TokenManager::builder().secret(secret).deny_short_key().build()?;
        let oauth = OAuthHandler::with_users(tokens, Users { db: db.clone() })
            .hasher(hasher)
            .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(names::canonical))
            .session_store(sessions)
            .api_key_prefix("notes");
        Ok(Self { db, auth: Auth::over(oauth)?, trusted_proxies: None })
    }

    /// Sets the number of your own proxies in front, if every request passes them: the throttle reads the addresses that they write.
    #[must_use]
    pub fn trusted_proxies(self, count: usize) -> Self {
        Self { trusted_proxies: Some(count), ..self }
    }

    fn router(self) -> Router {
        // In front of all guards: a request with an API key continues with an access token.
        let keys = KeyExchange::new(Arc::clone(self.auth.handler()));
        let routes = self.auth.routes();
        let routes = match self.trusted_proxies {
            Some(count) => routes.trusted_proxies(count),
            None => routes, // the peer, unless its address is one of a private network, as a proxy has
        };
        let own = Router::new()
            .route("/register", post(accounts::register))
            .route("/password", put(accounts::change_password))
            .route("/keys", get(keys::list).post(keys::create))
            .route("/keys/{id}", delete(keys::end))
            .route("/users", get(accounts::list))
            .route("/users/{owner}/notes", get(notes::of_owner))
            .route("/notes", get(notes::own).post(notes::write))
            .with_state(self);
        routes.serve(own).layer(keys)
    }
}

/// Serves until the process ends.
///
/// # Errors
///
/// Errors of the listener.
pub async fn serve(listener: TcpListener, app: App) -> std::io::Result<()> {
    // The throttle counts attempts by the client's address.
    axum::serve(listener, app.router().into_make_service_with_connect_info::<SocketAddr>()).await
}
