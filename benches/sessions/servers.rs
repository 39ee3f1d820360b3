//! The stores, and the servers that they use.

use std::sync::Arc;

use gatevault::{MemorySessions, PostgresSessions, RedisSessions, SessionStore, SqliteSessions};
use gatevault_servers::{PostgresServer, RedisServer};
use tempfile::TempDir;

use crate::BenchResult;

/// Running servers, and a folder for files.
#[derive(Debug)]
pub struct Servers {
    folder: TempDir,
    postgres: PostgresServer,
    redis: RedisServer,
}

/// The names of the stores. Another process finds a store by its name and address.
pub(crate) const KINDS: [&str; 4] = ["memory", "sqlite", "postgres", "redis"];

impl Servers {
    /// Starts the servers.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be created.
    pub fn start() -> BenchResult<Self> {
        Self::start_with(&[])
    }

    /// Starts the servers, with more settings of `PostgreSQL`.
    pub(crate) fn start_with(settings: &[&str]) -> BenchResult<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            postgres: PostgresServer::start_with(settings),
            redis: RedisServer::start(),
        })
    }

    /// Returns the path or URL of a store.
    pub(crate) fn address(&self, kind: &str) -> String {
        match kind {
            "postgres" => self.postgres.url(),
            "redis" => self.redis.url(),
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
