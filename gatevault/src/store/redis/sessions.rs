//! `RedisSessions`.

use std::fmt;
use std::time::Duration;

use redis::aio::ConnectionLike;

use super::backend::RedisBackend;
use super::endpoint::IntoRedisEndpoint;
use super::keys::RedisKeys;
use super::listening::listen;
use super::requirements::Requirements;
use super::{removal, scripts};
use crate::error::{ConfigError, StoreError};
use crate::future::StoreFuture;
use crate::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, RevocationBatch, RevocationCursor,
    RevocationListener, RevocationSubscription, RevokeSessions, Rotation, RotationOutcome, Session,
    SessionStore, SpendToken, StepUp, StoredSession,
};
use crate::store::executor::Executor;

/// A session store in Redis 6 or later, or Valkey, for any number of processes. Clones share their connection.
///
/// Each operation runs one script, and for all sessions of a user a second one: the first returns their ids, so that the second
/// declares every key that it accesses. It covers up to 1000 sessions at once. All keys of a store share one hash tag: in a
/// cluster they are in one slot, on one node. Redis expires sessions and spent tokens by itself.
///
/// # Security
///
/// A session that Redis loses is denied at its next refresh. If Redis loses a revocation, other processes accept the
/// session's access tokens until they expire. Configure it to persist (`appendonly yes`) and not to evict
/// (`maxmemory-policy noeviction`). After a failover to a replica that lags behind, a session may return to a state before
/// its last rotation, so that its newest token counts as an older one and the session is revoked, and a token that was
/// [spent](SessionStore::spend) last may be spent again. `min-replicas-to-write` bounds how far replicas lag behind.
///
/// Encryption (`rediss://`) is a feature of the `redis` crate that your manifest enables, such as `tokio-rustls-comp`.
///
/// # Examples
///
/// ```no_run
/// use gatevault::{AuthUser, OAuthHandler, RedisSessions, TokenManager};
///
/// # async fn handler<U: AuthUser>(find: impl Fn(&str) -> Option<U> + Send + Sync + 'static) -> Result<(), gatevault::Error> {
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let sessions = RedisSessions::connect("redis://127.0.0.1/").await?;
/// let oauth = OAuthHandler::new(tokens, find).session_store(sessions);
/// # drop(oauth);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a store does nothing until a handler or a feed uses it"]
pub struct RedisSessions {
    backend: RedisBackend,
    executor: Executor,
}

impl RedisSessions {
    /// Connects to a server, or to the master that [sentinels](crate::RedisEndpoint::sentinel) know, and reconnects when the
    /// connection is lost. A second connection receives the revocations of other processes.
    ///
    /// Checks that the server has what the store needs, as [`check`](Self::check) does.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Store`] if the server is unreachable, rejects the connection or lacks what the store needs, and
    /// [`ConfigError::NoRuntime`] outside a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), gatevault::ConfigError> {
    /// let sessions = gatevault::RedisSessions::connect("redis://127.0.0.1/").await?;
    /// # drop(sessions);
    /// # Ok(()) }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```no_run
    /// let sessions = gatevault::RedisSessions::blocking("redis://127.0.0.1/")?;
    /// # drop(sessions);
    /// # Ok::<(), gatevault::ConfigError>(())
    /// ```
    pub fn blocking(server: impl IntoRedisEndpoint) -> Result<Self, ConfigError> {
        let executor = Executor::dedicated()?;
        Ok(Self { backend: RedisBackend::connect_blocking(REQUIREMENTS, server, &executor)?, executor })
    }

    /// Creates a store over the application's connection: a `ConnectionManager`, which reconnects, or a cluster connection.
    ///
    /// Revocations of other processes arrive when the [feed](crate::RevocationFeed) polls, by default once a second.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoRuntime`] outside a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn over(client: redis::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let manager = client.get_connection_manager().await?;
    /// let sessions = gatevault::RedisSessions::new(manager)?.key_prefix("{shop}");
    /// # drop(sessions);
    /// # Ok(()) }
    /// ```
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

    /// Sets the time limit of an operation, by default 5 s. An operation that exceeds it is an error. The removal of old
    /// revocations runs in batches, each with this limit.
    pub fn time_limit(self, limit: Duration) -> Self {
        Self { executor: self.executor.with_limit(limit), ..self }
    }
}

impl RedisSessions {
    /// Runs an operation of one script, within the caller's task if possible.
    fn run_one<T: Send + 'static>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> StoreFuture<'static, T> {
        if self.backend.connection.is_independent() {
            return self.executor.run_in_place(operation);
        }
        self.executor.run(operation)
    }
}

impl SessionStore for RedisSessions {
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        self.executor.run(self.backend.clone().open(session))
    }

    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.run_one(self.backend.clone().rotate(rotation, self.executor.clone()))
    }

    fn step_up(&self, request: StepUp) -> StoreFuture<'_, RotationOutcome> {
        self.run_one(self.backend.clone().step_up(request, self.executor.clone()))
    }

    fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
        self.run_one(self.backend.clone().find(request))
    }

    fn spend(&self, request: SpendToken) -> StoreFuture<'_, bool> {
        self.run_one(self.backend.clone().spend(request))
    }

    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        self.executor.run(self.backend.clone().revoke(request))
    }

    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        self.executor.run(self.backend.clone().list(request))
    }

    fn record_revocation(&self, request: NewRevocation) -> StoreFuture<'_, ()> {
        self.executor.run(self.backend.clone().record_revocation(request))
    }

    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.executor.run(self.backend.clone().revocations_since(cursor))
    }

    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
        let (backend, keep_revoked) = (self.backend.clone(), request.keep_revoked);
        self.executor.run_batches(removal::FIRST.to_owned(), move |cursor| {
            backend.clone().remove_batch(keep_revoked, cursor)
        })
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        let endpoint = self.backend.connection.endpoint()?;
        Some(listen(endpoint, self.backend.keys.revocations(), listener, &self.executor))
    }
}

impl fmt::Debug for RedisSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessions").field("keys", &self.backend.keys).finish_non_exhaustive()
    }
}

const REQUIREMENTS: Requirements = Requirements { store: "RedisSessions", scripts: scripts::SOURCES };
