//! Places to keep sessions: a fresh one for each test, on servers that a test program starts once.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use gatevault::{
    MemorySessions, PostgresSessions, RedisAttempts, RedisSessions, SessionStore, SqliteSessions,
};
use gatevault_servers::{PostgresServer, RedisServer};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, postgres::PgConnectOptions};
use tempfile::tempdir;

/// A store without sessions, and what it needs to be there.
pub struct Place {
    /// The store.
    pub store: Arc<dyn SessionStore>,
    traits: Traits,
    /// What goes with the place, such as a folder.
    _keeps: Box<dyn Any + Send + Sync>,
}

/// What stores may do in ways of their own.
#[derive(Clone, Copy, Default)]
struct Traits {
    has_no_clock: bool,
    forgets_by_itself: bool,
}

impl Place {
    /// The memory of the process.
    #[expect(clippy::unused_async, reason = "all places are found in one way")]
    pub async fn memory() -> Self {
        let traits = Traits { has_no_clock: true, ..Traits::default() };
        Self { store: Arc::new(MemorySessions::new()), traits, _keeps: Box::new(()) }
    }

    /// A file of its own.
    pub async fn sqlite() -> Self {
        let folder = tempdir().unwrap();
        let store = SqliteSessions::open(folder.path().join("sessions.db")).await.unwrap();
        store.migrate().await.unwrap();
        let traits = Traits { has_no_clock: true, ..Traits::default() };
        Self { store: Arc::new(store), traits, _keeps: Box::new(folder) }
    }

    /// A database of its own on a server that all tests of the program share.
    pub async fn postgres() -> Self {
        static SERVER: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start);
        let options: PgConnectOptions = SERVER.url().parse().unwrap();
        let database = format!("place_{}", number());
        let mut connection = options.clone().connect().await.unwrap();
        let create = AssertSqlSafe(format!("CREATE DATABASE {database}"));
        sqlx::query(create).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let url = options.database(&database).to_url_lossy();
        let store = PostgresSessions::connect(url.as_str()).await.unwrap();
        store.migrate().await.unwrap();
        Self { store: Arc::new(store), traits: Traits::default(), _keeps: Box::new(()) }
    }

    /// Keys of its own on a server that all tests of the program share.
    pub async fn redis() -> Self {
        let store = RedisSessions::connect(REDIS.url()).await.unwrap();
        let store = store.key_prefix(&format!("{{place_{}}}", number()));
        let traits = Traits { forgets_by_itself: true, ..Traits::default() };
        Self { store: Arc::new(store), traits, _keeps: Box::new(()) }
    }

    /// Whether the store goes by the clocks of its callers.
    #[must_use]
    pub fn has_no_clock(&self) -> bool {
        self.traits.has_no_clock
    }

    /// Whether sessions that are over may be gone before anybody removes them.
    #[must_use]
    pub fn forgets_by_itself(&self) -> bool {
        self.traits.forgets_by_itself
    }
}

/// A place for attempts to log in, apart from all others of the program.
pub async fn redis_attempts() -> RedisAttempts {
    let attempts = RedisAttempts::connect(REDIS.url()).await.unwrap();
    attempts.key_prefix(&format!("{{attempts_{}}}", number()))
}

static REDIS: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

/// A store as several nodes share it.
pub fn shared(store: impl SessionStore) -> Arc<dyn SessionStore> {
    Arc::new(store)
}

/// Another one at each call.
fn number() -> u32 {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}
