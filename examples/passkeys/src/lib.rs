//! The application: its parts and its routes.

mod accounts;
mod ceremonies;
mod error;
mod pending;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::{get, post};
use gatevault::error::BoxError;
use gatevault::{AuthRoutes, Claims, OAuthHandler, SqliteSessions, TokenManager};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use tokio::net::TcpListener;
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder};

use accounts::Users;
use ceremonies::Ceremony;
pub use error::AppError;
use pending::Pending;

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: String,
}

/// The state that handlers share.
#[derive(Clone)]
pub struct App {
    users: Users,
    tokens: TokenManager,
    oauth: Arc<OAuthHandler<Users>>,
    routes: AuthRoutes<Users>,
    webauthn: Arc<Webauthn>,
    pending: Arc<Pending<Ceremony>>,
}

impl App {
    /// Opens a database, or creates it if it is missing. `origin` is the address of the pages, as a browser shows it.
    ///
    /// # Errors
    ///
    /// An unusable file, a secret of less than 32 bytes, and an origin without a host.
    pub async fn open(database: &Path, secret: &str, origin: &str) -> Result<Self, BoxError> {
        let file = SqliteConnectOptions::new().filename(database).create_if_missing(true);
        let db = SqlitePool::connect_with(file.journal_mode(SqliteJournalMode::Wal)).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&db).await?;
        let sessions = SqliteSessions::new(db.clone())?;
        sessions.migrate().await?;

        let users = Users { db };
        let tokens = TokenManager::builder().secret(secret).deny_short_key().build()?;
        let oauth = OAuthHandler::with_users(tokens.clone(), users.clone()).session_store(sessions);
        let oauth = Arc::new(oauth);
        let origin = Url::parse(origin)?;
        // Passkeys belong to this host for good: with another one, every user would need a new passkey.
        let host = origin.host_str().ok_or("the origin has no host")?;
        let webauthn = WebauthnBuilder::new(host, &origin)?.rp_name("gatevault passkeys").build()?;
        let pending = Arc::new(Pending::new(Duration::from_mins(5)));
        let routes = AuthRoutes::new(Arc::clone(&oauth)).without_login(); // there are no passwords
        Ok(Self { users, tokens, oauth, routes, webauthn: Arc::new(webauthn), pending })
    }

    fn router(self) -> Router {
        Router::new()
            .route("/", get(Html(include_str!("page.html"))))
            .route("/passkeys/register", post(ceremonies::start_registration))
            .route("/passkeys/register/finish", post(ceremonies::finish_registration))
            .route("/passkeys/login", post(ceremonies::start_login))
            .route("/passkeys/login/finish", post(ceremonies::finish_login))
            .route("/passkeys/add", post(ceremonies::start_addition))
            .route("/passkeys/add/finish", post(ceremonies::finish_addition))
            .route("/name", get(ceremonies::name))
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
    axum::serve(listener, app.router()).await
}
