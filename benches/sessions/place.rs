//! The stores, and the servers under them.

use std::sync::Arc;

use gatevault::{MemorySessions, PostgresSessions, RedisSessions, SessionStore, SqliteSessions};
use gatevault_servers::{PostgresServer, RedisServer};
use tempfile::TempDir;

use crate::Answer;

/// Servers that are up, and a folder.
#[derive(Debug)]
pub struct Places {
    folder: TempDir,
    postgres: PostgresServer,
    redis: RedisServer,
}

/// The names of stores, and of how they are found by another process.
pub(crate) const KINDS: [&str; 4] = ["memory", "sqlite", "postgres", "redis"];

impl Places {
    /// Starts the servers.
    ///
    /// # Errors
    ///
    /// Where there is no folder to be had.
    pub fn start() -> Answer<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            postgres: PostgresServer::start(),
            redis: RedisServer::start(),
        })
    }

    /// The path or URL of a place.
    pub(crate) fn address(&self, kind: &str) -> String {
        match kind {
            "postgres" => self.postgres.url(),
            "redis" => self.redis.url(),
            _ => self.folder.path().join("sessions.db").display().to_string(),
        }
    }
}

/// A store at an address.
pub(crate) async fn store_at(kind: &str, address: &str) -> Answer<Arc<dyn SessionStore>> {
    Ok(match kind {
        "postgres" => {
            let store = PostgresSessions::connect(address).await?;
            store.migrate().await?;
            Arc::new(store)
        }
        "redis" => Arc::new(RedisSessions::connect(address).await?),
        "sqlite" => {
            let store = SqliteSessions::open(address).await?;
            store.migrate().await?;
            Arc::new(store)
        }
        _ => Arc::new(MemorySessions::new()),
    })
}
