//! The application: its parts and its routes.

mod accounts;
mod addresses;
mod client;
mod error;
mod links;
mod login;
mod mail_counts;
mod mailroom;
mod outbox;
mod pages;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post, put};
use gatevault::error::BoxError;
use gatevault::{
    AuthRoutes, GuardError, LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher, SqliteSessions,
    TokenManager, UserStore as _,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use tokio::net::TcpListener;

use accounts::{Account, Users};
pub use error::AppError;
use mailroom::Mailroom;
use outbox::Outbox;

/// The settings of the application.
#[derive(Debug)]
pub struct Settings {
    /// The file of the database, which is created if it is missing.
    pub database: PathBuf,
    /// The folder of the mails, which is created if it is missing.
    pub outbox: PathBuf,
    /// The address of the application in links: scheme and host, and perhaps a port.
    pub public_url: String,
    /// The secret that signs the tokens, of at least 32 bytes.
    pub secret: String,
    /// The settings of new password hashes.
    pub hasher: PasswordHasher,
    /// The number of your own proxies in front, if every request passes them.
    pub trusted_proxies: usize,
}

/// The state that handlers share.
#[derive(Debug, Clone)]
pub struct App {
    users: Users,
    hasher: PasswordHasher,
    tokens: TokenManager,
    oauth: Arc<OAuthHandler<Users>>,
    routes: AuthRoutes<Users>,
    mailroom: Mailroom,
    outbox: Outbox,
    public_url: Arc<str>,
}

impl App {
    /// Opens the database and starts the worker that writes mails.
    ///
    /// # Errors
    ///
    /// An unusable file or folder, and a secret of less than 32 bytes.
    pub async fn open(settings: Settings) -> Result<Self, BoxError> {
        let file = SqliteConnectOptions::new().filename(settings.database).create_if_missing(true);
        let db = SqlitePool::connect_with(file.journal_mode(SqliteJournalMode::Wal)).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&db).await?;
        let sessions = SqliteSessions::new(db.clone())?;
        sessions.migrate().await?;

        // A session that is remembered ends after a month without a visit.
        let tokens = TokenManager::builder().secret(settings.secret).deny_short_key();
        let tokens = tokens.refresh_expiry(Duration::from_hours(30 * 24)).build()?;
        let users = Users { db };
        let oauth = OAuthHandler::with_users(tokens.clone(), users.clone())
            .hasher(settings.hasher.clone())
            .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(addresses::canonical))
            .session_store(sessions);
        let oauth = Arc::new(oauth);
        let (mailroom, letters) = Mailroom::new();
        let app = Self {
            users,
            hasher: settings.hasher,
            tokens,
            // The library's `/login` has no "remember me".
            routes: AuthRoutes::new(Arc::clone(&oauth))
                .without_login()
                .trusted_proxies(settings.trusted_proxies),
            oauth,
            mailroom,
            outbox: Outbox::open(settings.outbox)?,
            public_url: settings.public_url.trim_end_matches('/').into(),
        };
        tokio::spawn(mailroom::work(app.clone(), letters));
        Ok(app)
    }

    /// Returns the account of a token that was verified.
    async fn account(&self, id: i64) -> Result<Account, AppError> {
        let account = self.users.find_by_id(&id.into()).await.map_err(GuardError::unavailable)?;
        account.ok_or(AppError::Refused(axum::http::StatusCode::NOT_FOUND, "the account was deleted"))
    }

    fn router(self) -> Router {
        Router::new()
            .route("/register", post(links::ask_to_register))
            .route("/register/confirm", post(links::register))
            .route("/reset", post(links::ask_for_reset))
            .route("/reset/confirm", post(links::reset))
            .route("/magic-link", post(links::ask_for_magic_link))
            .route("/magic-link/confirm", post(links::log_in))
            .route("/link", get(pages::link()))
            .route("/link.js", get(pages::script()))
            .route("/login", post(login::log_in))
            .route("/password", put(login::change_password))
            .route("/me", get(login::me))
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
    // The throttles count by the client's address.
    axum::serve(listener, app.router().into_make_service_with_connect_info::<SocketAddr>()).await
}
