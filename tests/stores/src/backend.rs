//! Backends for the tests: a fresh one for each test, on servers that a test program starts once.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use gatevault::{
    MemorySessions, PostgresSessions, RedisAttempts, RedisSessions, SessionStore, SqliteSessions,
};
use gatevault_servers::{PoolerServer, PostgresServer, RedisServer};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, postgres::PgConnectOptions, raw_sql};
use tempfile::tempdir;

use crate::time_machine::TimeMachine;

/// An empty store, with the resources that it needs.
pub struct Backend {
    /// The store.
    pub store: Arc<dyn SessionStore>,
    traits: Traits,
    server: Server,
    /// Resources that live as long as the backend, such as a folder.
    _resources: Box<dyn Any + Send + Sync>,
}

/// Permitted differences between stores.
#[derive(Clone, Copy, Default)]
struct Traits {
    has_no_clock: bool,
    expires_by_itself: bool,
}

/// The server of a store.
#[derive(Clone)]
pub(crate) enum Server {
    /// None: the store uses the clocks of its callers.
    None,
    Postgres(Box<PgConnectOptions>),
    Redis {
        url: String,
        prefix: String,
    },
}

impl Backend {
    /// Creates a store in the memory of the process.
    #[expect(clippy::unused_async, reason = "all backends have the same signature")]
    pub async fn memory() -> Self {
        let traits = Traits { has_no_clock: true, ..Traits::default() };
        let (store, server) = (Arc::new(MemorySessions::new()), Server::None);
        Self { store, traits, server, _resources: Box::new(()) }
    }

    /// Creates a store in a file of its own.
    pub async fn sqlite() -> Self {
        let folder = tempdir().unwrap();
        let store = SqliteSessions::open(folder.path().join("sessions.db")).await.unwrap();
        store.migrate().await.unwrap();
        let traits = Traits { has_no_clock: true, ..Traits::default() };
        Self { store: Arc::new(store), traits, server: Server::None, _resources: Box::new(folder) }
    }

    /// Creates a store in a database of its own, on a server that all tests of the program share.
    pub async fn postgres() -> Self {
        let options = create_database().await;
        Self::in_database(&options, options.clone()).await
    }

    /// Creates a store in a database of its own, behind a pooler that shares its connections between transactions.
    pub async fn pooled() -> Self {
        static POOLER: LazyLock<PoolerServer> =
            LazyLock::new(|| PoolerServer::start(&POSTGRES, "transaction", &[]));
        let (options, address) = (create_database().await, POOLER.address());
        Self::in_database(&options.clone().host("127.0.0.1").port(address.port()), options).await
    }

    /// Creates a store in a database of its own, with a table of sessions in partitions, as the guide describes it.
    pub async fn partitioned() -> Self {
        let options = create_database().await;
        let store = PostgresSessions::connect(options.to_url_lossy().as_str()).await.unwrap();
        store.migrate().await.unwrap();
        let mut connection = options.connect().await.unwrap();
        raw_sql(partitions()).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        Self::in_database(&options, options.clone()).await
    }

    /// Connects the store to a database, whose own address may be another one.
    async fn in_database(options: &PgConnectOptions, database: PgConnectOptions) -> Self {
        let store = PostgresSessions::connect(options.to_url_lossy().as_str()).await.unwrap();
        store.migrate().await.unwrap();
        let server = Server::Postgres(Box::new(database));
        Self { store: Arc::new(store), traits: Traits::default(), server, _resources: Box::new(()) }
    }

    /// Creates a store with a key prefix of its own, on a server that all tests of the program share.
    pub async fn redis() -> Self {
        let store = RedisSessions::connect(REDIS.url()).await.unwrap();
        let prefix = format!("{{backend_{}}}", number());
        let store = store.key_prefix(&prefix);
        let traits = Traits { expires_by_itself: true, ..Traits::default() };
        let server = Server::Redis { url: REDIS.url(), prefix };
        Self { store: Arc::new(store), traits, server, _resources: Box::new(()) }
    }

    /// Returns the store behind a clock that can be advanced: see [`TimeMachine`].
    pub async fn time_machine(&self) -> TimeMachine {
        TimeMachine::over(Arc::clone(&self.store), self.server.clone()).await
    }

    /// Returns whether the store uses the clocks of its callers.
    #[must_use]
    pub fn has_no_clock(&self) -> bool {
        self.traits.has_no_clock
    }

    /// Returns whether the store may remove expired sessions by itself.
    #[must_use]
    pub fn expires_by_itself(&self) -> bool {
        self.traits.expires_by_itself
    }
}

/// Creates a store of login attempts with a key prefix of its own.
pub async fn redis_attempts() -> RedisAttempts {
    let attempts = RedisAttempts::connect(REDIS.url()).await.unwrap();
    attempts.key_prefix(&format!("{{attempts_{}}}", number()))
}

/// Returns an empty store of attempts in the shared Redis server, with a thread of its own.
pub fn blocking_redis_attempts() -> RedisAttempts {
    let attempts = RedisAttempts::blocking(REDIS.url()).unwrap();
    attempts.key_prefix(&format!("{{attempts_{}}}", number()))
}

/// Returns the SQL of the guide that replaces the table of sessions by one in partitions.
///
/// # Panics
///
/// Panics if the guide has none.
#[must_use]
pub fn partitions() -> &'static str {
    let guide = include_str!("../../../gatevault/src/guide/scale.md");
    let mut blocks = guide.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.find(|block| block.contains("PARTITION BY HASH")).unwrap()
}

/// Creates a database on the shared server, and returns the options of its superuser.
async fn create_database() -> PgConnectOptions {
    let options: PgConnectOptions = POSTGRES.url().parse().unwrap();
    let database = format!("backend_{}", number());
    let mut connection = options.clone().connect().await.unwrap();
    let create = AssertSqlSafe(format!("CREATE DATABASE {database}"));
    sqlx::query(create).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    options.database(&database)
}

static POSTGRES: LazyLock<PostgresServer> = LazyLock::new(PostgresServer::start);

static REDIS: LazyLock<RedisServer> = LazyLock::new(RedisServer::start);

/// Makes a store shareable between nodes.
pub fn shared(store: impl SessionStore) -> Arc<dyn SessionStore> {
    Arc::new(store)
}

/// Returns a different number at each call.
fn number() -> u32 {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").finish_non_exhaustive()
    }
}
