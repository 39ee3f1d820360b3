//! A server and the way to it, and where the work on that way runs: what the stores have in common.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{IntoConnectionInfo, RedisResult};

use super::connection::{Connection, GivenConnection};
use super::own::OwnConnection;
use crate::error::{BoxError, ConfigError};
use crate::future::wait_for;
use crate::store::executor::Executor;

#[derive(Clone)]
pub(super) struct Server {
    pub(super) connection: Arc<dyn Connection>,
    pub(super) executor: Executor,
}

impl Server {
    /// A connection of our own, on the runtime that this is called from.
    pub(super) async fn connect(
        store: &'static str,
        server: impl IntoConnectionInfo,
    ) -> Result<Self, ConfigError> {
        let (executor, connection) = (Executor::current()?, own_connection(store, server)?);
        let answer = executor.run(ping(Arc::clone(&connection))).await;
        Self::answered(store, executor, connection, answer)
    }

    /// The same, on a runtime of its own.
    pub(super) fn blocking(
        store: &'static str,
        server: impl IntoConnectionInfo,
    ) -> Result<Self, ConfigError> {
        let (executor, connection) = (Executor::own()?, own_connection(store, server)?);
        let answer = wait_for(executor.run(ping(Arc::clone(&connection))), LONGEST_START);
        let answer = answer.unwrap_or_else(|| Err("no answer in time".into()));
        Self::answered(store, executor, connection, answer)
    }

    /// Over a connection that somebody else keeps alive.
    pub(super) fn over(
        connection: impl ConnectionLike + Clone + Send + Sync + 'static,
    ) -> Result<Self, ConfigError> {
        Ok(Self { connection: Arc::new(GivenConnection(connection)), executor: Executor::current()? })
    }

    fn answered(
        store: &'static str,
        executor: Executor,
        connection: Arc<OwnConnection>,
        answer: Result<(), BoxError>,
    ) -> Result<Self, ConfigError> {
        answer.map_err(|error| unusable(store, &error))?;
        Ok(Self { connection, executor })
    }
}

fn own_connection(
    store: &'static str,
    server: impl IntoConnectionInfo,
) -> Result<Arc<OwnConnection>, ConfigError> {
    OwnConnection::to(server).map(Arc::new).map_err(|error| unusable(store, &error))
}

async fn ping(connection: Arc<OwnConnection>) -> RedisResult<()> {
    connection.ping().await
}

fn unusable(store: &'static str, error: &dyn fmt::Display) -> ConfigError {
    ConfigError::Store { store, reason: error.to_string() }
}

/// More than the executor allows, for a thread that waits.
const LONGEST_START: Duration = Duration::from_secs(30);
