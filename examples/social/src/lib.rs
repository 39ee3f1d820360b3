//! The application: its parts and its routes.

mod accounts;
mod error;
mod login;
mod pending;
mod provider;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use gatevault::error::BoxError;
use gatevault::{AuthRoutes, Claims, OAuthHandler, SqliteSessions, TokenManager};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
use tokio::net::TcpListener;

use accounts::Users;
pub use error::AppError;
use login::Login;
use pending::Pending;
pub use provider::Provider;

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
struct User {
    user_id: i64,
}

/// The state that handlers share.
#[derive(Debug, Clone)]
pub struct App {
    users: Users,
    tokens: TokenManager,
    oauth: Arc<OAuthHandler<Users>>,
    routes: AuthRoutes<Users>,
    providers: Arc<BTreeMap<String, Provider>>,
    pending: Arc<Pending<Login>>,
}

impl App {
    /// Opens a database, or creates it if it is missing. The names of the providers are in the paths.
    ///
    /// # Errors
    ///
    /// An unusable file, and a secret of less than 32 bytes.
    pub async fn open(
        database: &Path,
        secret: &str,
        providers: BTreeMap<String, Provider>,
    ) -> Result<Self, BoxError> {
        let file = SqliteConnectOptions::new().filename(database).create_if_missing(true);
        let db = SqlitePool::connect_with(file.journal_mode(SqliteJournalMode::Wal)).await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&db).await?;
        let sessions = SqliteSessions::new(db.clone())?;
        sessions.migrate().await?;

        let users = Users { db };
        let tokens = TokenManager::builder().secret(secret).deny_short_key().build()?;
        let oauth = OAuthHandler::with_users(tokens.clone(), users.clone()).session_store(sessions);
        let oauth = Arc::new(oauth);
        let routes = AuthRoutes::new(Arc::clone(&oauth)).without_login(); // there are no passwords
        let pending = Arc::new(Pending::new(Duration::from_mins(10)));
        Ok(Self { users, tokens, oauth, routes, providers: Arc::new(providers), pending })
    }

    fn provider(&self, name: &str) -> Result<&Provider, AppError> {
        self.providers.get(name).ok_or(AppError::Refused(StatusCode::NOT_FOUND, "unknown provider"))
    }

    fn router(self) -> Router {
        Router::new()
            .route("/", get(page))
            .route("/login/{provider}", get(login::start))
            .route("/callback/{provider}", get(login::callback))
            .route("/identities", get(login::identities))
            .merge(self.routes.clone().into_router())
            .with_state(self)
    }
}

async fn page(State(app): State<App>) -> Html<String> {
    let link = |name| format!(r#"<a id="{name}" href="/login/{name}?next=/">Log in with {name}</a> "#);
    let links: String = app.providers.keys().map(link).collect();
    Html(include_str!("page.html").replace("{links}", &links))
}

/// Serves until the process ends.
///
/// # Errors
///
/// Errors of the listener.
pub async fn serve(listener: TcpListener, app: App) -> std::io::Result<()> {
    axum::serve(listener, app.router()).await
}
