//! `PostgresSessions`.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres};

use super::mark::plain;
use super::route::Listening;
use crate::error::{ConfigError, StoreError};
use crate::store::executor::Executor;
use crate::store::sql::sessions::SqlSessions;
use crate::store::sql::sql_store::{sql_store, wait};

/// A session store in a `PostgreSQL` database, version 12 or later, for any number of processes. Clones share one pool.
///
/// A rotation is one statement. Grace periods and revocation times use the database's clock. Other processes receive a
/// revocation at once, through `LISTEN` on a connection of their own.
///
/// # Connection poolers
///
/// The store works through a pooler such as `PgBouncer` in each of its modes, with any setting of the application's pool. It
/// finds out whether a connection leads to a server process of its own: with its first operation it opens a connection and
/// closes it again. If there is a pooler:
///
/// - The store never sends `LISTEN`, which would stay on a shared connection and disturb other clients. Other processes
///   receive a revocation at their next poll, by default after a second at most. [`listen_at`](Self::listen_at) names the
///   server itself, or a pooler in session mode, for notifications; [`polling`](Self::polling) waits for none at all.
/// - Statements are not prepared. Each is one message with its values as literals, so that the server's log may show them
///   (`log_statement`).
///
/// `PgBouncer` rejects the parameter `extra_float_digits`, which sqlx sends unless the options of your own pool have
/// `extra_float_digits(None)`. [`connect`](Self::connect) does not send it.
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
/// [`migrate`](Self::migrate) creates the tables in the first schema of the connection's `search_path`. Where they exist, it
/// succeeds for a role that may not create them. The store itself needs `SELECT`, `INSERT`, `UPDATE` and `DELETE` on them.
///
/// # Load
///
/// The server commits revocations one after the other. Those that wait in one process share the next statement, so that
/// hundreds of logouts at once take a few commits. They use one connection of the pool, and logins that end older sessions
/// two others. Refreshes, lists and other logins do not wait for them.
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
    /// Creates a store over the application's pool, on the current tokio runtime. It creates no tables: call
    /// [`migrate`](Self::migrate).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime.
    pub fn new(pool: PgPool) -> Result<Self, ConfigError> {
        Self::over(pool)
    }

    /// Connects with a pool of its own, on the current tokio runtime. It creates no tables: call
    /// [`migrate`](Self::migrate), which a role without the right to create tables can repeat where they exist.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime, and the error of an invalid URL or of the server.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::connect_on(Executor::current()?, url).await
    }

    /// Connects with a pool and a thread of its own, for programs without a tokio runtime. It creates no tables: call
    /// [`migrate_blocking`](Self::migrate_blocking).
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
    /// # Ok::<(), gatevault::StoreError>(())
    /// ```
    pub fn blocking(url: &str) -> Result<Self, StoreError> {
        wait(Self::connect_on(Executor::dedicated()?, url))
    }

    /// Waits for the notifications of other processes at another URL than that of the pool: of the server itself, or of a
    /// pooler in session mode. Behind other poolers, `LISTEN` would disturb other clients.
    ///
    /// # Errors
    ///
    /// Returns the error of an invalid URL. The connection is opened when a handler or a feed needs it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use gatevault::PostgresSessions;
    ///
    /// # async fn run() -> Result<(), gatevault::StoreError> {
    /// let sessions = PostgresSessions::connect("postgres://app@pgbouncer:6432/app").await?;
    /// let sessions = sessions.listen_at("postgres://app@database:5432/app")?;
    /// # drop(sessions);
    /// # Ok(()) }
    /// ```
    pub fn listen_at(self, url: &str) -> Result<Self, StoreError> {
        Ok(self.listen_with(PgConnectOptions::from_str(url)?))
    }

    /// Waits for notifications as [`listen_at`](Self::listen_at) does, on a connection with these options.
    pub fn listen_with(self, options: PgConnectOptions) -> Self {
        self.listening(Listening::At(Box::new(options)))
    }

    /// Waits for no notifications, and opens no connection for them: other processes' revocations arrive at the next poll.
    pub fn polling(self) -> Self {
        self.listening(Listening::Never)
    }

    fn listening(mut self, listening: Listening) -> Self {
        self.sessions.pool.route.listening = listening;
        self
    }

    async fn connect_on(executor: Executor, url: &str) -> Result<Self, StoreError> {
        let options = plain(&PgConnectOptions::from_str(url)?);
        Self::connected(executor, PgPoolOptions::new().connect_with(options)).await
    }
}
