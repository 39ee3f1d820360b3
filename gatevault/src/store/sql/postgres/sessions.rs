//! `PostgresSessions`.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres};

use crate::error::{BoxError, ConfigError};
use crate::store::executor::Executor;
use crate::store::sql::sessions::SqlSessions;
use crate::store::sql::sql_store::{sql_store, wait};

/// A session store in a `PostgreSQL` database, version 12 or later, for any number of processes. Clones share one pool.
///
/// A rotation is one statement. Grace periods and revocation times use the database's clock. Other processes receive a
/// revocation at once, through `LISTEN` on a connection of their own. Where that does not work, as behind a pooler in
/// transaction mode, they receive it at their next poll. Such a pooler also needs `statement_cache_capacity(0)` in the
/// pool's options.
///
/// Feature `postgres`. TLS is a feature of sqlx that your own manifest enables, such as `tls-rustls-ring`.
///
/// # Security
///
/// A server can lose committed transactions: after a failover to a replica that lags behind, or with `synchronous_commit`
/// off. A revocation may then be undone. A session may return to a state before its last rotation, so that its newest
/// token counts as an older one and the session is revoked.
///
/// # Tables
///
/// The tables are in the first schema of the connection's `search_path`.
///
/// # Examples
///
/// ```no_run
/// use gatevault::{OAuthHandler, PostgresSessions, TokenManager};
///
/// # async fn run<U: gatevault::AuthUser>(
/// #     find: impl Fn(&str) -> Option<U> + Send + Sync + 'static
/// # ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let sessions = PostgresSessions::connect("postgres://app@localhost/app").await?;
/// sessions.migrate().await?;
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, find).session_store(sessions);
/// # drop(oauth);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a store does nothing until a handler or a feed uses it"]
pub struct PostgresSessions {
    sessions: SqlSessions<Postgres>,
    executor: Executor,
}

sql_store!(PostgresSessions, Postgres);

impl PostgresSessions {
    /// Creates a store over the application's pool, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime.
    pub fn new(pool: PgPool) -> Result<Self, ConfigError> {
        Self::over(pool)
    }

    /// Connects with a pool of its own, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime, and the error of an invalid URL or of the server.
    pub async fn connect(url: &str) -> Result<Self, BoxError> {
        Self::connect_on(Executor::current()?, url).await
    }

    /// Connects with a pool and a thread of its own, for programs without a tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoThread`] if the thread cannot be spawned, and the error of an invalid URL or of the server.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use gatevault::PostgresSessions;
    ///
    /// let sessions = PostgresSessions::blocking("postgres://app@localhost/app")?;
    /// sessions.migrate_blocking()?;
    /// # Ok::<(), gatevault::error::BoxError>(())
    /// ```
    pub fn blocking(url: &str) -> Result<Self, BoxError> {
        wait(Self::connect_on(Executor::dedicated()?, url))
    }

    async fn connect_on(executor: Executor, url: &str) -> Result<Self, BoxError> {
        let options = PgConnectOptions::from_str(url)?;
        Self::connected(executor, PgPoolOptions::new().connect_with(options)).await
    }
}
