//! `RedisBackend`: the connection and the keys that both Redis stores are made of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionLike;

use super::connection::{Connection, ExternalConnection};
use super::endpoint::IntoRedisEndpoint;
use super::keys::RedisKeys;
use super::reconnecting::ReconnectingConnection;
use super::requirements::Requirements;
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
    /// Opens a connection that reconnects by itself, and checks the server.
    pub(super) async fn connect(
        requirements: Requirements,
        server: impl IntoRedisEndpoint,
        executor: &Executor,
    ) -> Result<Self, ConfigError> {
        let server = server.into_redis_endpoint();
        let endpoint = server.endpoint.map_err(|error| unusable(requirements, &error))?;
        let connection = Arc::new(ReconnectingConnection::to(endpoint));
        let backend = Self { connection, keys: server.keys };
        backend.check(requirements, executor).await?;
        Ok(backend)
    }

    /// Connects as [`connect`](Self::connect) does, and blocks the thread.
    pub(super) fn connect_blocking(
        requirements: Requirements,
        server: impl IntoRedisEndpoint,
        executor: &Executor,
    ) -> Result<Self, ConfigError> {
        wait_for(Self::connect(requirements, server, executor), LONGEST_START)
            .unwrap_or_else(|| Err(unusable(requirements, &"the server did not respond in time")))
    }

    /// Uses a connection that the application keeps alive.
    pub(super) fn external(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self { connection: Arc::new(ExternalConnection(connection)), keys: RedisKeys::default() }
    }

    /// Checks that the server can run the scripts of the store.
    pub(super) async fn check(
        &self,
        requirements: Requirements,
        executor: &Executor,
    ) -> Result<(), ConfigError> {
        let answer = executor.run(requirements.check(self.clone())).await;
        answer.map_err(|error| unusable(requirements, &error))
    }
}

fn unusable(requirements: Requirements, error: &dyn fmt::Display) -> ConfigError {
    ConfigError::Store { store: requirements.store, reason: error.to_string() }
}

/// Longer than the executor's limit, which should fire first.
const LONGEST_START: Duration = Duration::from_secs(30);
