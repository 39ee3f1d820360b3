//! The application: its parts and its routes.

mod accounts;
mod error;
mod notes;
mod pages;

use std::net::SocketAddr;
use std::time::Duration;

use axum::routing::get;
use axum::{Router, middleware};
use gatevault::error::BoxError;
use gatevault::web::Pages;
use gatevault::{
    AuthRoutes, Claims, LoginThrottle, MemoryAttempts, MemorySessions, OAuthHandler, RefreshGrace,
    RouteGuard, TokenManager,
};
use tokio::net::TcpListener;

use accounts::Users;
use notes::Notes;

/// Settings of the server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The secret that signs tokens, of at least 32 bytes.
    pub secret: String,
    /// The lifetime of an access token. A page that is opened later refreshes it on the way.
    pub access_expiry: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { secret: String::new(), access_expiry: Duration::from_mins(15) }
    }
}

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: u64,
    name: String,
}

/// Serves the pages until the process ends.
///
/// # Errors
///
/// A secret of less than 32 bytes, and a listener that fails.
pub async fn serve(listener: TcpListener, settings: Settings) -> Result<(), BoxError> {
    let tokens = TokenManager::builder()
        .secret(settings.secret)
        .deny_short_key()
        .access_expiry(settings.access_expiry)
        .build()?;
    let users = Users::new()?;
    let oauth = OAuthHandler::with_users(tokens.clone(), users)
        .session_store(MemorySessions::new())
        // A visitor who leaves before the answer of `/auth/continue` arrives still has the former refresh token.
        .refresh_grace(RefreshGrace::UntilSuccessorUsed { at_most: Duration::from_hours(1) })
        .throttle(LoginThrottle::new(MemoryAttempts::new()));

    let site = Pages::new("notes")?.login_page("/login")?.home("/notes")?;
    let visitors = RouteGuard::<User>::with(tokens.clone()).for_pages(&site);
    let guarded = Router::new()
        .route("/notes", get(notes::page).post(notes::add))
        .route("/notes/count", get(notes::count))
        .layer(visitors)
        .with_state(Notes::new(tokens));
    let app = Router::new()
        .route("/", get(pages::home))
        .route("/login", get(pages::login))
        .route("/style.css", get(pages::style))
        .route("/fresh.js", get(pages::script))
        .merge(guarded)
        .merge(AuthRoutes::new(oauth).for_pages(&site)?.into_router())
        .layer(middleware::from_fn(pages::protect));
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
