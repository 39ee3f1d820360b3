//! The store that users meet.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Pool, Sqlite, SqlitePool};

use crate::error::{BoxError, ConfigError};
use crate::store::executor::Executor;
use crate::store::sql::script::insist;
use crate::store::sql::sessions::{Sessions, sql_store, wait};

/// Keeps sessions in an SQLite file, for the processes of one machine.
///
/// A rotation is one statement. Other processes hear of an end at their next poll. Clones share one pool. Feature
/// `sqlite`.
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
/// sessions.migrate_blocking()?;
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, find).session_store(sessions);
/// # drop(oauth);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a store keeps nothing until it is given to a handler"]
pub struct SqliteSessions(Sessions<Sqlite>);

sql_store!(SqliteSessions);

impl SqliteSessions {
    /// A store in a pool that the application has, on the tokio runtime that this is called from.
    ///
    /// Writers wait for each other as long as the `busy_timeout` of the pool says; with one connection they wait in the
    /// pool instead, in turn. With `synchronous` below `FULL` a failure of power may undo the last ends and rotations.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRuntime`].
    pub fn new(pool: SqlitePool) -> Result<Self, ConfigError> {
        Ok(Self(Sessions::new(pool, Executor::current()?)))
    }

    /// Opens a file, which is made where it is missing, on the tokio runtime that this is called from. `:memory:` is a
    /// database of this store alone.
    ///
    /// The file is put into the journal mode WAL, and each commit is on the disk before it is answered.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRuntime`], and whatever is wrong with the file.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, BoxError> {
        Self::opened(Executor::current()?, path.as_ref()).await
    }

    /// The same with a thread of its own, for programs without a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoThread`], and whatever is wrong with the file.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::SqliteSessions;
    ///
    /// let sessions = SqliteSessions::blocking(":memory:")?;
    /// sessions.migrate_blocking()?;
    /// # Ok::<(), gatevault::error::BoxError>(())
    /// ```
    pub fn blocking(path: impl AsRef<Path>) -> Result<Self, BoxError> {
        wait(Self::opened(Executor::own()?, path.as_ref()))
    }

    async fn opened(executor: Executor, path: &Path) -> Result<Self, BoxError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(LONGEST_QUEUE);
        // Two processes that open a new file at once are in each other's way.
        let connecting = async move { insist::<Sqlite, _, _>(|_| connect(options.clone())).await };
        Ok(Self(Sessions::connected(executor, connecting).await?))
    }
}

/// One connection: SQLite has one writer at a time, and who waits in the pool is served in turn. It stays, and with it
/// what is in memory.
async fn connect(options: SqliteConnectOptions) -> Result<Pool<Sqlite>, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    pool.test_before_acquire(false).connect_with(options).await
}

/// How long SQLite itself waits for the writer of another process.
const LONGEST_QUEUE: Duration = Duration::from_secs(1);
