//! The stores, and the servers that they use.

use std::sync::{Arc, OnceLock};

use gatevault::{MemorySessions, PostgresSessions, RedisSessions, SessionStore, SqliteSessions};
use gatevault_servers::{PostgresServer, RedisServer};
use tempfile::TempDir;

use crate::BenchResult;

/// Servers, each of which starts when its address is asked for, and a folder for files.
#[derive(Debug)]
pub struct Servers {
    folder: TempDir,
    settings: &'static [&'static str],
    postgres: OnceLock<PostgresServer>,
    redis: OnceLock<RedisServer>,
}

/// The names of the stores. Another process finds a store by its name and address.
pub const KINDS: [&str; 4] = ["memory", "sqlite", "postgres", "redis"];

impl Servers {
    /// Creates the folder, without a server.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be created.
    pub fn start() -> BenchResult<Self> {
        Self::start_with(&[])
    }

    /// Creates it, with more settings of `PostgreSQL`.
    pub(crate) fn start_with(settings: &'static [&'static str]) -> BenchResult<Self> {
        Ok(Self { folder: tempfile::tempdir()?, settings, postgres: OnceLock::new(), redis: OnceLock::new() })
    }

    /// Creates it for large stores.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be created.
    pub fn start_for_large_stores() -> BenchResult<Self> {
        Self::start_with(&["shared_buffers=128MB", "max_wal_size=1GB"])
    }

    /// Returns the path or URL of a store.
    pub(crate) fn address(&self, kind: &str) -> String {
        match kind {
            "postgres" => self.postgres.get_or_init(|| PostgresServer::start_with(self.settings)).url(),
            "redis" => self.redis.get_or_init(RedisServer::start).url(),
            _ => self.folder.path().join("sessions.db").display().to_string(),
        }
    }
}

/// Opens a store at an address.
pub(crate) async fn store_at(kind: &str, address: &str) -> BenchResult<Arc<dyn SessionStore>> {
    Ok(match kind {
        "postgres" => {
            let store = PostgresSessions::connect(address).await?;
            store.migrate().await?;
            Arc::new(store)
        }
        "redis" => Arc::new(RedisSessions::connect(address).await?),
        "sqlite" => Arc::new(SqliteSessions::open(address).await?),
        _ => Arc::new(MemorySessions::new()),
    })
}
