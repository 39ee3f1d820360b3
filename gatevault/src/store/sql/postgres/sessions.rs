//! The store that users meet.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Postgres};

use crate::error::{BoxError, ConfigError};
use crate::store::executor::Executor;
use crate::store::sql::sessions::{Sessions, sql_store, wait};

/// Keeps sessions in a `PostgreSQL` database, of version 12 or later, for any number of processes.
///
/// A rotation is one statement. The grace of a token and the moment of an end go by the clock of the database. Other
/// processes hear of an end at once, through `LISTEN` on a connection of their own; where that is out of reach, as behind
/// a pooler that shares connections between transactions, they hear of it at their next poll. Such a pooler also needs
/// `statement_cache_capacity(0)` in the options of the pool.
///
/// # Security
///
/// What the server forgets is forgotten: after a failover to a replica that was behind, or with `synchronous_commit`
/// off, an end may be undone, and a session may stand before its last rotation, so that its newest token is taken for an
/// older one and the session ends.
///
/// # Tables
///
/// They are in the first schema of the connection's `search_path`. Clones share one pool. Feature `postgres`; TLS is a
/// feature of sqlx that your own manifest turns on, such as `tls-rustls-ring`.
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
#[must_use = "a store keeps nothing until it is given to a handler"]
pub struct PostgresSessions(Sessions<Postgres>);

sql_store!(PostgresSessions);

impl PostgresSessions {
    /// A store in a pool that the application has, on the tokio runtime that this is called from.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRuntime`].
    pub fn new(pool: PgPool) -> Result<Self, ConfigError> {
        Ok(Self(Sessions::new(pool, Executor::current()?)))
    }

    /// Connects with a pool of its own, on the tokio runtime that this is called from.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRuntime`], and whatever is wrong with the URL or the server.
    pub async fn connect(url: &str) -> Result<Self, BoxError> {
        Self::connected(Executor::current()?, url).await
    }

    /// Connects with a pool and a thread of its own, for programs without a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoThread`], and whatever is wrong with the URL or the server.
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
        wait(Self::connected(Executor::own()?, url))
    }

    async fn connected(executor: Executor, url: &str) -> Result<Self, BoxError> {
        let options = PgConnectOptions::from_str(url)?;
        let connecting = PgPoolOptions::new().connect_with(options);
        Ok(Self(Sessions::connected(executor, connecting).await?))
    }
}
