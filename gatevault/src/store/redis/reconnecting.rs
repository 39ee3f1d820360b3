//! `ReconnectingConnection`: opened on first use, and replaced after the first sign of failure.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, RedisError, RedisFuture, RedisResult,
    ScriptInvocation, ServerErrorKind, Value, cmd,
};
use tokio::sync::Mutex;

use super::connection::Connection;

/// A connection that reconnects by itself.
///
/// The `ConnectionManager` of the `redis` crate would not do. It keeps an unresponsive connection until TCP times out, after
/// about 15 minutes, and never replaces one that fails for another reason than the network.
pub(super) struct ReconnectingConnection {
    client: Client,
    current: ArcSwapOption<MultiplexedConnection>,
    /// Held while connecting, so that concurrent callers share one new connection.
    connecting: Mutex<()>,
}

impl ReconnectingConnection {
    /// Prepares a connection to the server. The first call opens it.
    pub(super) fn to(server: impl IntoConnectionInfo) -> RedisResult<Self> {
        // Many callers share the connection: without TCP_NODELAY one would wait for the acknowledgment of another.
        let info = server.into_connection_info()?.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        Ok(Self { client: Client::open(info)?, current: ArcSwapOption::empty(), connecting: Mutex::new(()) })
    }

    /// Sends a PING and waits for the answer.
    pub(super) async fn ping(&self) -> RedisResult<()> {
        let connection = self.connection().await?;
        cmd("PING").query_async(&mut MultiplexedConnection::clone(&connection)).await
    }

    async fn connection(&self) -> RedisResult<Arc<MultiplexedConnection>> {
        if let Some(connection) = self.current.load_full() {
            return Ok(connection);
        }
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.current.load_full() {
            return Ok(connection);
        }
        // The executor limits how long a response may take.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(None);
        let connection = Arc::new(self.client.get_multiplexed_async_connection_with_config(&config).await?);
        self.current.store(Some(Arc::clone(&connection)));
        Ok(connection)
    }
}

impl Connection for ReconnectingConnection {
    fn call(&self, script: ScriptInvocation<'static>) -> RedisFuture<'_, Value> {
        Box::pin(async move {
            let mut lease =
                ConnectionLease { owner: self, connection: self.connection().await?, is_healthy: false };
            let reply = script.invoke_async(&mut MultiplexedConnection::clone(&lease.connection)).await;
            lease.is_healthy = reply.as_ref().map_or_else(is_server_reply, |_| true);
            reply
        })
    }

    fn client(&self) -> Option<&Client> {
        Some(&self.client)
    }
}

/// Returns whether the error is a reply of a usable server. A server that became a read-only replica is not usable.
fn is_server_reply(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Server(kind) => kind != ServerErrorKind::ReadOnly,
        ErrorKind::Extension => true,
        _ => false,
    }
}

/// A guard for one call: unless the server replied, dropping it discards the connection. A call that is dropped at the time
/// limit has no reply.
struct ConnectionLease<'c> {
    owner: &'c ReconnectingConnection,
    connection: Arc<MultiplexedConnection>,
    is_healthy: bool,
}

impl Drop for ConnectionLease<'_> {
    fn drop(&mut self) {
        if !self.is_healthy {
            // A compare-and-swap, because another call may have replaced the connection already.
            self.owner.current.compare_and_swap(&self.connection, None);
        }
    }
}

/// Enough time for the retransmission of one lost packet.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
