//! `ReconnectingConnection`: opened on first use, and replaced after the first sign of failure.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, RedisError, RedisFuture, RedisResult, ScriptInvocation,
    ServerErrorKind, Value,
};
use tokio::sync::Mutex;

use super::connection::Connection;
use super::endpoint::Endpoint;

/// A connection that reconnects by itself.
///
/// The `ConnectionManager` of the `redis` crate would not do. It keeps an unresponsive connection until TCP times out, after
/// about 15 minutes, and never replaces one that fails for another reason than the network.
pub(super) struct ReconnectingConnection {
    endpoint: Endpoint,
    current: Arc<CurrentConnection>,
}

#[derive(Default)]
struct CurrentConnection {
    connection: ArcSwapOption<MultiplexedConnection>,
    /// Held while connecting, so that concurrent callers share one new connection.
    connecting: Mutex<()>,
}

impl ReconnectingConnection {
    /// Prepares a connection to the endpoint. The first call opens it.
    pub(super) fn to(endpoint: Endpoint) -> Self {
        Self { endpoint, current: Arc::default() }
    }

    /// Acquires the current connection for one call.
    async fn lease(&self) -> RedisResult<ConnectionLease<'_>> {
        let connection = if let Some(connection) = self.current.connection.load_full() {
            connection
        } else {
            // A task of its own: a caller that stops polling must not keep the others from connecting.
            let connecting = Arc::clone(&self.current).connect(self.endpoint.clone());
            tokio::spawn(connecting).await.map_err(io::Error::other)??
        };
        Ok(ConnectionLease { owner: &self.current, connection, is_healthy: false })
    }
}

impl CurrentConnection {
    async fn connect(self: Arc<Self>, endpoint: Endpoint) -> RedisResult<Arc<MultiplexedConnection>> {
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.connection.load_full() {
            return Ok(connection);
        }
        // The executor limits how long a response may take.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(QUEUED);
        let connection = Arc::new(endpoint.open(&config).await?);
        self.connection.store(Some(Arc::clone(&connection)));
        Ok(connection)
    }
}

impl Connection for ReconnectingConnection {
    fn call(&self, script: ScriptInvocation<'static>) -> RedisFuture<'_, Value> {
        Box::pin(async move {
            let mut lease = self.lease().await?;
            let reply = script.invoke_async(&mut MultiplexedConnection::clone(&lease.connection)).await;
            lease.keep_after(&reply);
            reply
        })
    }

    fn send(&self, command: Cmd) -> RedisFuture<'_, Value> {
        Box::pin(async move {
            let mut lease = self.lease().await?;
            let reply = command.query_async(&mut MultiplexedConnection::clone(&lease.connection)).await;
            lease.keep_after(&reply);
            reply
        })
    }

    /// Returns `true`: a task of its own drives the connection, and another one opens it.
    fn is_independent(&self) -> bool {
        true
    }

    fn endpoint(&self) -> Option<&Endpoint> {
        Some(&self.endpoint)
    }
}

/// Returns whether the error is a reply of a usable server. A server that became a read-only replica is not usable.
pub(super) fn is_server_reply(error: &RedisError) -> bool {
    match error.kind() {
        // Redis 6 sends the error of a command within a script as the text of another error.
        ErrorKind::Server(ServerErrorKind::ResponseError) => !error.to_string().contains("READONLY"),
        ErrorKind::Server(kind) => !matches!(kind, ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown),
        ErrorKind::Extension => true,
        _ => false,
    }
}

/// A guard for one call: unless the server replied, dropping it discards the connection. A call that is dropped at the time
/// limit has no reply.
struct ConnectionLease<'c> {
    owner: &'c CurrentConnection,
    connection: Arc<MultiplexedConnection>,
    is_healthy: bool,
}

impl ConnectionLease<'_> {
    fn keep_after<T>(&mut self, reply: &RedisResult<T>) {
        self.is_healthy = reply.as_ref().map_or_else(is_server_reply, |_| true);
    }
}

impl Drop for ConnectionLease<'_> {
    fn drop(&mut self) {
        if !self.is_healthy {
            // A compare-and-swap, because another call may have replaced the connection already.
            self.owner.connection.compare_and_swap(&self.connection, None);
        }
    }
}

/// Enough time for the retransmission of one lost packet.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The number of calls that wait for the connection without a turn of their own. A caller that stops polling keeps a turn that it got.
/// Memory is only allocated for those that wait.
const QUEUED: usize = 1 << 16;
