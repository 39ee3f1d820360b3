//! The store, as applications make it.

use std::fmt;
use std::time::Duration;

use redis::IntoConnectionInfo;
use redis::aio::ConnectionLike;

use super::keys::Keys;
use super::listening::listen;
use super::server::Server;
use super::steps::Place;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::ConfigError;
use crate::future::StoreFuture;
use crate::session::{
    NewSession, RevocationBatch, RevocationCursor, RevocationListener, RevocationSubscription, RevokeTarget,
    Rotation, RotationOutcome, Session, SessionStore,
};
use crate::store::executor::Executor;

/// Keeps sessions in Redis 6 or later, or Valkey, for any number of processes. Clones share their connection.
///
/// Each operation is one call of a script, and all keys of a store begin with one hash tag: in a cluster they are in one
/// slot, on one node. Redis expires sessions by itself.
///
/// # Security
///
/// A session that Redis loses is refused at its next refresh. Have it persist (`appendonly yes`), and not evict
/// (`maxmemory-policy noeviction`): what it loses of the ends of sessions, other processes do not hear of until the access
/// tokens expire. After a failover to a replica that was behind, a session may stand before its last rotation, so that its
/// newest token is taken for an older one and the session ends.
///
/// Encryption (`rediss://`) is a feature of the `redis` crate that you choose, such as `tokio-rustls-comp`.
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
#[must_use = "a store keeps nothing until it is given to a handler"]
pub struct RedisSessions {
    place: Place,
    executor: Executor,
}

impl RedisSessions {
    /// Connects to a server, and again whenever the connection is lost. On a further connection it hears of the sessions
    /// that other processes end.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Store`] if the server is not there or refuses us, and [`ConfigError::NoRuntime`] outside of a tokio
    /// runtime.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), gatevault::ConfigError> {
    /// let sessions = gatevault::RedisSessions::connect("redis://127.0.0.1/").await?;
    /// # drop(sessions);
    /// # Ok(()) }
    /// ```
    pub async fn connect(server: impl IntoConnectionInfo) -> Result<Self, ConfigError> {
        Ok(Self::on(Server::connect(NAME, server).await?))
    }

    /// The same for a program without a tokio runtime: the store brings its own, of one thread.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Store`] if the server is not there or refuses us, and [`ConfigError::NoThread`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// let sessions = gatevault::RedisSessions::blocking("redis://127.0.0.1/")?;
    /// # drop(sessions);
    /// # Ok::<(), gatevault::ConfigError>(())
    /// ```
    pub fn blocking(server: impl IntoConnectionInfo) -> Result<Self, ConfigError> {
        Ok(Self::on(Server::blocking(NAME, server)?))
    }

    /// Over a connection that the application has: a `ConnectionManager`, which connects again when it is lost, or that of
    /// a cluster.
    ///
    /// Of the sessions that other processes end it hears when the [feed](crate::RevocationFeed) asks, so once in a second.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoRuntime`] outside of a tokio runtime.
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
        Ok(Self::on(Server::over(connection)?))
    }

    /// What every key begins with; `{gatevault}` unless set. It comes in front where the prefix has no hash tag of its own.
    pub fn key_prefix(mut self, prefix: &str) -> Self {
        self.place.keys = Keys::beginning_with(prefix);
        self
    }

    /// How long an operation may take until it is an error; 5 s unless set.
    pub fn time_limit(self, limit: Duration) -> Self {
        Self { executor: self.executor.within(limit), ..self }
    }

    fn on(server: Server) -> Self {
        Self {
            place: Place { connection: server.connection, keys: Keys::default() },
            executor: server.executor,
        }
    }
}

impl SessionStore for RedisSessions {
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
        self.executor.run(self.place.clone().open(session))
    }

    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.executor.run(self.place.clone().rotate(rotation))
    }

    fn revoke(&self, ending: RevokeTarget, _: Timestamp) -> StoreFuture<'_, Vec<String>> {
        self.executor.run(self.place.clone().revoke(ending))
    }

    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
        self.executor.run(self.place.clone().list(user, now))
    }

    fn revocations_since(&self, since: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.executor.run(self.place.clone().revocations_since(since))
    }

    fn remove_expired(&self, _: Timestamp) -> StoreFuture<'_, u64> {
        self.executor.run(self.place.clone().remove_expired())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn listen(&self, listener: RevocationListener) -> Option<RevocationSubscription> {
        let client = self.place.connection.client()?;
        listen(client, self.place.keys.of_ends(), listener, &self.executor).ok()
    }
}

impl fmt::Debug for RedisSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessions").field("keys", &self.place.keys).finish_non_exhaustive()
    }
}

const NAME: &str = "RedisSessions";
