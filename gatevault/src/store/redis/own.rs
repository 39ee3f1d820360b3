//! A connection of our own: made when it is needed, and made anew as soon as there is a doubt about it.

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

/// The manager of the `redis` crate keeps a connection that no longer answers until the system gives it up, which takes a
/// quarter of an hour, and one that was refused for any other reason than the network for good.
pub(super) struct OwnConnection {
    client: Client,
    current: ArcSwapOption<MultiplexedConnection>,
    /// Held while connecting, so that one does it and the others get what it has made.
    connecting: Mutex<()>,
}

impl OwnConnection {
    pub(super) fn to(server: impl IntoConnectionInfo) -> RedisResult<Self> {
        // Many callers share the connection, so that one must not wait until the other is acknowledged.
        let info = server.into_connection_info()?.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        Ok(Self { client: Client::open(info)?, current: ArcSwapOption::empty(), connecting: Mutex::new(()) })
    }

    /// Asks for a sign of life.
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
        // How long an answer may take is the executor's to say.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LONGEST_CONNECTING))
            .set_response_timeout(None);
        let connection = Arc::new(self.client.get_multiplexed_async_connection_with_config(&config).await?);
        self.current.store(Some(Arc::clone(&connection)));
        Ok(connection)
    }
}

impl Connection for OwnConnection {
    fn call(&self, script: ScriptInvocation<'static>) -> RedisFuture<'_, Value> {
        Box::pin(async move {
            let mut doubt = Doubt { of: self, connection: self.connection().await?, is_dispelled: false };
            let answer = script.invoke_async(&mut MultiplexedConnection::clone(&doubt.connection)).await;
            doubt.is_dispelled = answer.as_ref().map_or_else(is_sign_of_life, |_| true);
            answer
        })
    }

    fn client(&self) -> Option<&Client> {
        Some(&self.client)
    }
}

/// Whether this is an answer of the server that we want to be connected to: one that is read-only is no longer.
fn is_sign_of_life(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Server(kind) => kind != ServerErrorKind::ReadOnly,
        ErrorKind::Extension => true,
        _ => false,
    }
}

/// Held while an answer is awaited; a connection that gives none until the time is over is not used again.
struct Doubt<'c> {
    of: &'c OwnConnection,
    connection: Arc<MultiplexedConnection>,
    is_dispelled: bool,
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if !self.is_dispelled {
            // Another one may have come in its place already.
            self.of.current.compare_and_swap(&self.connection, None);
        }
    }
}

/// Time for one packet that is lost and sent again.
pub(super) const LONGEST_CONNECTING: Duration = Duration::from_secs(2);
