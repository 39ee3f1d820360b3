//! A server whose page shows each decision of the guards and its reason. The guarded functions are in [`policies`]. The other
//! modules are what any application has, except `thief`.
//!
//! It listens on this machine only, because every visitor of the page can read the log of all decisions.

mod accounts;
mod error;
mod events;
mod functions;
mod guide;
mod keys;
mod log;
mod names;
mod page;
mod passkeys;
mod pending;
#[expect(clippy::missing_errors_doc, reason = "each of them is denied as its attribute says")]
pub mod policies;
mod sources;
mod thief;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use gatevault::error::BoxError;
use gatevault::web::KeyExchange;
use gatevault::{
    AuthRoutes, GateVault, LoginThrottle, MemoryAttempts, OAuthHandler, RefreshCookie, RefreshGrace,
    SqliteSessions, TokenManager,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tokio::net::TcpListener;

use accounts::Accounts;
use log::Log;

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
    events::install()?;
    let log = Log::new();
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
        .api_key_prefix("demo")
        .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(names::canonical));
    let oauth = Arc::new(oauth);
    let cookie = RefreshCookie::new("refresh_token", "/auth")?;
    let auth = AuthRoutes::new(Arc::clone(&oauth)).mounted_at("/auth")?.cookie(cookie.clone());
    // For a client that is no browser and keeps its tokens itself: the second device of the page.
    let device = AuthRoutes::new(Arc::clone(&oauth)).mounted_at("/device")?.without_cookies();
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());

    let app = Router::new()
        .merge(page::routes())
        .merge(sources::routes())
        .merge(log.clone().routes())
        .merge(accounts.clone().routes())
        .merge(functions::inventory())
        .merge(functions::calls().layer(KeyExchange::new(Arc::clone(&oauth))))
        .merge(keys::routes(Arc::clone(&oauth)))
        .merge(passkeys::routes(accounts, Arc::clone(&oauth), auth.clone(), &origin))
        .merge(thief::routes(oauth, cookie))
        .merge(auth.into_router())
        .merge(device.into_router())
        .layer(middleware::from_fn_with_state(log, log::record))
        .layer(middleware::from_fn(page::protect));
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
