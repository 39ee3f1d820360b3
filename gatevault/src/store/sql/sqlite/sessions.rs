//! `SqliteSessions`.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Pool, Sqlite, SqlitePool};

use crate::error::{ConfigError, StoreError};
use crate::store::executor::Executor;
use crate::store::sql::sessions::SqlSessions;
use crate::store::sql::sql_store::{sql_store, wait};
use crate::store::sql::sqlite::migration::{require_writable, unopened};
use crate::store::sql::transaction::retry;

/// A session store in an SQLite file, for the processes of one machine. Clones share one pool.
///
/// A rotation is one statement. Other processes receive a revocation at their next poll. Feature `sqlite`.
///
/// # Examples
///
/// ```
/// use gatevault::{OAuthHandler, SqliteSessions, TokenManager};
///
/// # fn run<U: gatevault::AuthUser>(
/// #     find: impl Fn(&str) -> Option<U> + Send + Sync + 'static
/// # ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let sessions = SqliteSessions::blocking("sessions.db")?; // in async programs: `SqliteSessions::open(..).await`
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, find).session_store(sessions);
/// # drop(oauth);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a store does nothing until a handler or a feed uses it"]
pub struct SqliteSessions {
    sessions: SqlSessions<Sqlite>,
    executor: Executor,
}

sql_store!(SqliteSessions, Sqlite);

impl SqliteSessions {
    /// Creates a store over the application's pool, on the current tokio runtime.
    ///
    /// It creates no tables: call [`migrate`](Self::migrate).
    ///
    /// Writers wait for each other up to the pool's `busy_timeout`. With one connection they wait in the pool instead, in
    /// order. With `synchronous` below `FULL`, a power failure may undo the last revocations and rotations.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime.
    pub fn new(pool: SqlitePool) -> Result<Self, ConfigError> {
        Self::over(pool)
    }

    /// Opens a file on the current tokio runtime, and creates it and its tables if they do not exist. `:memory:` is a
    /// database of this store alone.
    ///
    /// The file gets the journal mode WAL. Each commit is on disk before the operation returns. Several processes can open a
    /// new file at once.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime, the error of a path that is empty, of a file that cannot be
    /// opened or written, and of tables of an earlier or a later version.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::SqliteSessions;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), gatevault::StoreError> {
    /// let sessions = SqliteSessions::open(":memory:").await?;
    /// # drop(sessions);
    /// # Ok(()) }
    /// ```
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_on(Executor::current()?, path.as_ref()).await
    }

    /// Opens a file as [`open`](Self::open) does, but neither creates nor checks its tables, for applications that run the
    /// migrations themselves: with [`migrate`](Self::migrate), or the SQL in the crate's folder `migrations/sqlite`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime, and the error of a path that is empty or of a file that cannot
    /// be opened.
    pub async fn open_without_migrating(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::connect_on(Executor::current()?, path.as_ref()).await
    }

    /// Opens a file as [`open`](Self::open) does, with a thread of its own, for programs without a tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoThread`] if the thread cannot be spawned, and the errors of [`open`](Self::open).
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::SqliteSessions;
    ///
    /// let sessions = SqliteSessions::blocking(":memory:")?;
    /// # Ok::<(), gatevault::StoreError>(())
    /// ```
    pub fn blocking(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        wait(Self::open_on(Executor::dedicated()?, path.as_ref()))
    }

    /// Opens a file as [`open_without_migrating`](Self::open_without_migrating) does, with a thread of its own, for programs
    /// without a tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoThread`] if the thread cannot be spawned, and the errors of
    /// [`open_without_migrating`](Self::open_without_migrating).
    pub fn blocking_without_migrating(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        wait(Self::connect_on(Executor::dedicated()?, path.as_ref()))
    }

    async fn open_on(executor: Executor, path: &Path) -> Result<Self, StoreError> {
        let store = Self::connect_on(executor, path).await?;
        store.migrate().await?;
        let pool = store.sessions.pool.clone();
        store.executor.run(async move { require_writable(&pool).await }).await?;
        Ok(store)
    }

    async fn connect_on(executor: Executor, path: &Path) -> Result<Self, StoreError> {
        // SQLite would take it for a file that is removed when it is closed.
        if path.as_os_str().is_empty() {
            return Err("the path of the SQLite file is empty: choose one, or `:memory:`".into());
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        // Two processes that open a new file at the same time can conflict.
        let connecting = async move { retry::<Sqlite, _, _>(|_| connect(options.clone())).await };
        Self::connected(executor, connecting).await.map_err(|error| unopened(path, error))
    }
}

/// Opens a pool of one connection: SQLite has one writer at a time, and the pool serves waiting tasks in order.
///
/// The connection is never closed, and with it a database in memory stays.
async fn connect(options: SqliteConnectOptions) -> Result<Pool<Sqlite>, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    pool.test_before_acquire(false).connect_with(options).await
}

/// The time that SQLite itself waits for the writer of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
