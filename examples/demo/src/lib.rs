//! A server whose page shows each decision of the guards and its reason. The guarded functions are in [`policies`]. The other
//! modules are what any application has, except `thief`.
//!
//! It listens on this machine only, because every visitor of the page can read the log of all decisions.

mod accounts;
mod calls;
mod events;
mod names;
mod page;
#[expect(clippy::missing_errors_doc, reason = "each of them is denied as its attribute says")]
pub mod policies;
mod thief;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use gatevault::error::BoxError;
use gatevault::{
    AuthRoutes, GateVault, LoginThrottle, MemoryAttempts, OAuthHandler, RefreshCookie, RefreshGrace,
    SqliteSessions, TokenManager,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tokio::net::TcpListener;

use accounts::Accounts;
use events::EventLog;

/// Settings of the server. The times are short, so that a visitor sees tokens expire.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file with accounts and sessions.
    pub database: PathBuf,
    /// The lifetime of an access token.
    pub access_expiry: Duration,
    /// The time in which the predecessor of a refresh token gets the same successor again.
    pub refresh_grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database: PathBuf::from("demo.db"),
            access_expiry: Duration::from_mins(1),
            refresh_grace: Duration::from_secs(5),
        }
    }
}

/// Serves the page and its routes until the process ends.
///
/// # Errors
///
/// A database that cannot be opened, or a gate that is installed already.
pub async fn serve(listener: TcpListener, settings: Settings) -> Result<(), BoxError> {
    let log = EventLog::install()?;
    let database = SqliteConnectOptions::new().filename(&settings.database).create_if_missing(true);
    let database = SqlitePool::connect_with(database).await?;
    let accounts = Accounts::open(database.clone()).await?;
    let sessions = SqliteSessions::new(database)?;
    sessions.migrate().await?;

    // A new secret for each process: with a database that is kept, users must log in again after a restart.
    let tokens = TokenManager::builder()
        .secret(gatevault::generate_secret()?)
        .access_expiry(settings.access_expiry)
        .build()?;
    GateVault::new(tokens.clone()).install()?;

    let oauth = OAuthHandler::with_users(tokens, accounts.clone())
        .session_store(sessions)
        .refresh_grace(RefreshGrace::Window(settings.refresh_grace))
        .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(names::canonical));
    let oauth = Arc::new(oauth);
    let cookie = RefreshCookie::new("refresh_token", "/auth")?;

    let app = Router::new()
        .merge(page::routes())
        .merge(log.routes())
        .merge(accounts.routes())
        .merge(calls::routes())
        .merge(thief::routes(Arc::clone(&oauth), cookie.clone()))
        .merge(AuthRoutes::new(oauth).mounted_at("/auth")?.cookie(cookie).into_router())
        .layer(middleware::from_fn(events::in_a_span))
        .layer(middleware::from_fn(page::protect));
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
