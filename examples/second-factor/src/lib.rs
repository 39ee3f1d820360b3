//! The application: its parts and its routes.

mod accounts;
mod codes;
mod error;
mod login;
mod names;
mod setup;

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use axum::Router;
use axum::routing::{get, post};
use gatevault::error::BoxError;
use gatevault::{
    AuthRoutes, Clock, GuardError, LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher,
    SqliteSessions, TokenManager,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use tokio::net::TcpListener;

use accounts::Users;
pub use error::AppError;

/// The state that handlers share.
#[derive(Clone)]
pub struct App {
    users: Users,
    hasher: PasswordHasher,
    tokens: TokenManager,
    oauth: Arc<OAuthHandler<Users>>,
    routes: AuthRoutes<Users>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("oauth", &self.oauth).finish_non_exhaustive()
    }
}

impl App {
    /// Opens a database, or creates it if it is missing. Tokens and codes follow the clock.
    ///
    /// # Errors
    ///
    /// An unusable file, and a secret of less than 32 bytes.
    pub async fn open(
        database: &Path,
        secret: &str,
        hasher: PasswordHasher,
        clock: impl Clock + Clone,
    ) -> Result<Self, BoxError> {
        let file = SqliteConnectOptions::new().filename(database).create_if_missing(true);
        let db = SqlitePool::connect_with(file.journal_mode(SqliteJournalMode::Wal)).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&db).await?;
        let sessions = SqliteSessions::new(db.clone())?;
        sessions.migrate().await?;

        let tokens = TokenManager::builder().secret(secret).deny_short_key().clock(clock.clone()).build()?;
        let users = Users { db };
        let oauth = OAuthHandler::with_users(tokens.clone(), users.clone())
            .hasher(hasher.clone())
            .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(names::canonical))
            .session_store(sessions);
        let oauth = Arc::new(oauth);
        // The library's `/login` would begin a session for the password alone.
        let routes = AuthRoutes::new(Arc::clone(&oauth)).without_login();
        Ok(Self { users, hasher, tokens, oauth, routes, clock: Arc::new(clock) })
    }

    /// Returns the time in seconds since 1970.
    fn seconds(&self) -> Result<i64, GuardError> {
        let now = self.clock.now().duration_since(UNIX_EPOCH).map_err(GuardError::unavailable)?;
        i64::try_from(now.as_secs()).map_err(GuardError::unavailable)
    }

    fn router(self) -> Router {
        Router::new()
            .route("/register", post(accounts::register))
            .route("/login", post(login::log_in))
            .route("/login/code", post(login::log_in_with_code))
            .route("/step-up", post(login::step_up))
            .route("/second-factor", post(setup::begin))
            .route("/second-factor/confirm", post(setup::confirm))
            .route("/second-factor/recovery-codes", post(setup::recovery_codes))
            .route("/me", get(login::me))
            .route("/transfer", post(login::transfer))
            .merge(self.routes.clone().into_router())
            .with_state(self)
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
