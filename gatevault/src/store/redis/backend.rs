//! `RedisBackend`: the connection and the keys that both Redis stores are made of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{IntoConnectionInfo, RedisResult};

use super::connection::{Connection, ExternalConnection};
use super::keys::RedisKeys;
use super::reconnecting::ReconnectingConnection;
use crate::error::ConfigError;
use crate::future::wait_for;
use crate::store::executor::Executor;

/// A connection to a server, and the keys of a store there. Clones share the connection.
#[derive(Clone)]
pub(super) struct RedisBackend {
    pub(super) connection: Arc<dyn Connection>,
    pub(super) keys: RedisKeys,
}

impl RedisBackend {
    /// Opens a connection that reconnects by itself, and waits for the server's first answer.
    pub(super) async fn connect(
        store: &'static str,
        server: impl IntoConnectionInfo,
        executor: &Executor,
    ) -> Result<Self, ConfigError> {
        let connection = reconnecting(store, server)?;
        let answer = executor.run(ping(Arc::clone(&connection))).await;
        answer.map_err(|error| unusable(store, &error))?;
        Ok(Self::over(connection))
    }

    /// Connects as [`connect`](Self::connect) does, and blocks the thread.
    pub(super) fn connect_blocking(
        store: &'static str,
        server: impl IntoConnectionInfo,
        executor: &Executor,
    ) -> Result<Self, ConfigError> {
        wait_for(Self::connect(store, server, executor), LONGEST_START)
            .unwrap_or_else(|| Err(unusable(store, &"the server did not respond in time")))
    }

    /// Uses a connection that the application keeps alive.
    pub(super) fn external(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self::over(Arc::new(ExternalConnection(connection)))
    }

    fn over(connection: Arc<dyn Connection>) -> Self {
        Self { connection, keys: RedisKeys::default() }
    }
}

fn reconnecting(
    store: &'static str,
    server: impl IntoConnectionInfo,
) -> Result<Arc<ReconnectingConnection>, ConfigError> {
    ReconnectingConnection::to(server).map(Arc::new).map_err(|error| unusable(store, &error))
}

async fn ping(connection: Arc<ReconnectingConnection>) -> RedisResult<()> {
    connection.ping().await
}

fn unusable(store: &'static str, error: &dyn fmt::Display) -> ConfigError {
    ConfigError::Store { store, reason: error.to_string() }
}

/// Longer than the executor's limit, which should fire first.
const LONGEST_START: Duration = Duration::from_secs(30);
