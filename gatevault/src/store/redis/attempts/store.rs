//! `RedisAttempts`.

use std::fmt;
use std::time::Duration;

use redis::aio::ConnectionLike;

use super::scripts;
use crate::error::ConfigError;
use crate::future::StoreFuture;
use crate::store::executor::Executor;
use crate::store::redis::backend::RedisBackend;
use crate::store::redis::endpoint::IntoRedisEndpoint;
use crate::store::redis::keys::RedisKeys;
use crate::store::redis::requirements::Requirements;
use crate::throttle::{Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket};

/// An attempt store in Redis 6 or later, or Valkey, for any number of processes; for a
/// [`LoginThrottle`](crate::LoginThrottle). Clones share their connection.
///
/// An attempt runs two scripts, before and after the lookup, and two more if the login succeeds or a store fails. Pauses use
/// the server's clock. All keys share one hash tag: in a cluster they are in one slot, on one node.
///
/// # Security
///
/// Memory is bounded only by time: a counter takes about 200 bytes until its quiet time is over. An attempt has up to seven,
/// so a flood of a thousand names a second from as many networks takes about 1.5 GB. A full server must reject writes
/// (`maxmemory-policy noeviction`) and not evict counters.
///
/// Set a [`digest_secret`](crate::LoginThrottle::digest_secret). Without one, a reader of the server can find out names by
/// trying candidates.
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
#[must_use = "a store does nothing until a throttle uses it"]
pub struct RedisAttempts {
    backend: RedisBackend,
    executor: Executor,
}

impl RedisAttempts {
    /// Connects to a server, or to the master that [sentinels](crate::RedisEndpoint::sentinel) know, and reconnects when the
    /// connection is lost. Checks that the server has what the store needs, as [`check`](Self::check) does.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Store`] if the server is unreachable, rejects the connection or lacks what the store needs, and
    /// [`ConfigError::NoRuntime`] outside a tokio runtime.
    pub async fn connect(server: impl IntoRedisEndpoint) -> Result<Self, ConfigError> {
        let executor = Executor::current()?;
        Ok(Self { backend: RedisBackend::connect(REQUIREMENTS, server, &executor).await?, executor })
    }

    /// Connects as [`connect`](Self::connect) does, with a thread of its own, for programs without a tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Store`] if the server is unreachable, rejects the connection or lacks what the store needs, and
    /// [`ConfigError::NoThread`] if the thread cannot be spawned.
    pub fn blocking(server: impl IntoRedisEndpoint) -> Result<Self, ConfigError> {
        let executor = Executor::dedicated()?;
        Ok(Self { backend: RedisBackend::connect_blocking(REQUIREMENTS, server, &executor)?, executor })
    }

    /// Creates a store over the application's connection: a `ConnectionManager`, which reconnects, or a cluster connection.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime.
    pub fn new(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Result<Self, ConfigError> {
        Ok(Self { backend: RedisBackend::external(connection), executor: Executor::current()? })
    }

    /// Sets the prefix of all keys, by default `{gatevault}`. A prefix without a hash tag gets `{gatevault}` in front.
    pub fn key_prefix(mut self, prefix: &str) -> Self {
        self.backend.keys = RedisKeys::with_prefix(prefix);
        self
    }

    /// Checks that the server has what the store needs, as [`connect`](Self::connect) does for the prefix of its endpoint:
    /// version 6 or later, a master, and a user with permission for the scripts, their commands and the keys. Leaves nothing
    /// behind. Call it after [`new`](Self::new), and after [`key_prefix`](Self::key_prefix).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Store`] with the answer of the server and the change that would help.
    pub async fn check(&self) -> Result<(), ConfigError> {
        self.backend.check(REQUIREMENTS, &self.executor).await
    }

    /// Sets the time limit of an operation, by default 5 s. An operation that exceeds it is an error.
    pub fn time_limit(self, limit: Duration) -> Self {
        Self { executor: self.executor.with_limit(limit), ..self }
    }
}

impl AttemptStore for RedisAttempts {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        let script = scripts::begin(&self.backend.keys, &attempt);
        let connection = self.backend.connection.clone();
        self.executor.run(async move { scripts::admission(connection.call(script).await?) })
    }

    fn record_outcome(
        &self,
        attempt: Attempt,
        ticket: AttemptTicket,
        outcome: AttemptOutcome,
    ) -> StoreFuture<'_, ()> {
        let script = scripts::record_outcome(&self.backend.keys, &attempt, ticket, outcome);
        let connection = self.backend.connection.clone();
        self.executor.run(async move { connection.call(script).await.map(drop) })
    }

    fn is_shared(&self) -> bool {
        true
    }
}

impl fmt::Debug for RedisAttempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisAttempts").field("keys", &self.backend.keys).finish_non_exhaustive()
    }
}

const REQUIREMENTS: Requirements = Requirements { store: "RedisAttempts", scripts: super::SCRIPTS };
