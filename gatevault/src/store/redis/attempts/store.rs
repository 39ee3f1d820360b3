//! The store, as applications make it.

use std::fmt;
use std::time::Duration;

use redis::IntoConnectionInfo;
use redis::aio::ConnectionLike;

use super::call;
use crate::error::ConfigError;
use crate::future::StoreFuture;
use crate::store::redis::keys::Keys;
use crate::store::redis::server::Server;
use crate::throttle::{Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket};

/// Counts attempts to log in in Redis 6 or later, or Valkey, for any number of processes; for a
/// [`LoginThrottle`](crate::LoginThrottle). Clones share their connection.
///
/// An attempt is one call of a script, and one more if it succeeds or is not decided. Pauses go by the server's clock. All
/// keys begin with one hash tag: in a cluster they are in one slot, on one node.
///
/// # Security
///
/// What is kept is not bounded but by its time: a counter takes about 200 bytes until its quiet time is over, so that a
/// flood of a thousand names a second takes about 200 MB. Where the server is full it must refuse
/// (`maxmemory-policy noeviction`) and not forget.
///
/// Give the throttle a [`digest_secret`](crate::LoginThrottle::digest_secret), or names can be found out by trying.
///
/// # Examples
///
/// ```no_run
/// use gatevault::{LoginThrottle, RedisAttempts};
///
/// # async fn throttle(secret: &str) -> Result<LoginThrottle, gatevault::ConfigError> {
/// let attempts = RedisAttempts::connect("redis://127.0.0.1/").await?;
/// let throttle = LoginThrottle::new(attempts).digest_secret(secret);
/// # Ok(throttle) }
/// ```
#[derive(Clone)]
#[must_use = "a store counts nothing until it is given to a throttle"]
pub struct RedisAttempts {
    server: Server,
    keys: Keys,
}

impl RedisAttempts {
    /// Connects to a server, and again whenever the connection is lost.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Store`] if the server is not there or refuses us, and [`ConfigError::NoRuntime`] outside of a tokio
    /// runtime.
    pub async fn connect(server: impl IntoConnectionInfo) -> Result<Self, ConfigError> {
        Ok(Self::on(Server::connect(NAME, server).await?))
    }

    /// The same for a program without a tokio runtime: the store brings its own, of one thread.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Store`] if the server is not there or refuses us, and [`ConfigError::NoThread`].
    pub fn blocking(server: impl IntoConnectionInfo) -> Result<Self, ConfigError> {
        Ok(Self::on(Server::blocking(NAME, server)?))
    }

    /// Over a connection that the application has: a `ConnectionManager`, which connects again when it is lost, or that of
    /// a cluster.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRuntime`] outside of a tokio runtime.
    pub fn new(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Result<Self, ConfigError> {
        Ok(Self::on(Server::over(connection)?))
    }

    /// What every key begins with; `{gatevault}` unless set. It comes in front where the prefix has no hash tag of its own.
    pub fn key_prefix(self, prefix: &str) -> Self {
        Self { keys: Keys::beginning_with(prefix), ..self }
    }

    /// How long an operation may take until it is an error; 5 s unless set.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.server.executor = self.server.executor.within(limit);
        self
    }

    fn on(server: Server) -> Self {
        Self { server, keys: Keys::default() }
    }
}

impl AttemptStore for RedisAttempts {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        let (call, connection) = (call::begin(&self.keys, &attempt), self.server.connection.clone());
        self.server.executor.run(async move { call::admission(connection.call(call).await?) })
    }

    fn record_outcome(
        &self,
        attempt: Attempt,
        ticket: AttemptTicket,
        outcome: AttemptOutcome,
    ) -> StoreFuture<'_, ()> {
        let call = call::record_outcome(&self.keys, &attempt, ticket, outcome);
        let connection = self.server.connection.clone();
        self.server.executor.run(async move { connection.call(call).await.map(drop) })
    }

    fn is_shared(&self) -> bool {
        true
    }
}

impl fmt::Debug for RedisAttempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisAttempts").field("keys", &self.keys).finish_non_exhaustive()
    }
}

const NAME: &str = "RedisAttempts";
