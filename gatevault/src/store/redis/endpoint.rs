//! `RedisEndpoint`: the server of a store, or the sentinels that know it.

use std::fmt;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, ErrorKind, IntoConnectionInfo, ProtocolVersion,
    RedisResult,
};

use super::keys::RedisKeys;
use super::sentinel::MonitoredMaster;

/// The Redis server of a store, or the sentinels that know which server is the master, and the prefix of the store's keys.
///
/// # Examples
///
/// Connects to the master that three sentinels monitor as `shop`, and follows each failover:
///
/// ```no_run
/// use gatevault::{RedisEndpoint, RedisSessions};
///
/// # async fn connect(password: &str) -> Result<(), gatevault::ConfigError> {
/// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
/// let master = RedisEndpoint::sentinel(sentinels, "shop")
///     .master_settings(format!("redis://gatevault:{password}@shop/"))
///     .key_prefix("{shop}");
/// let sessions = RedisSessions::connect(master).await?;
/// # drop(sessions);
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "an endpoint does nothing until a store connects to it"]
pub struct RedisEndpoint {
    pub(super) endpoint: RedisResult<Endpoint>,
    pub(super) keys: RedisKeys,
}

impl RedisEndpoint {
    /// Creates the endpoint of one server. The constructors of the stores accept a URL as well.
    pub fn server(server: impl IntoConnectionInfo) -> Self {
        Self {
            endpoint: server.into_connection_info().and_then(Endpoint::server),
            keys: RedisKeys::default(),
        }
    }

    /// Creates the endpoint of the master that sentinels monitor under a name.
    ///
    /// Each new connection asks all sentinels for the address of the master, and leaves a server that is not the master any
    /// more. The sentinels have settings of their own: user and password are part of their URLs.
    pub fn sentinel<S: IntoConnectionInfo>(
        sentinels: impl IntoIterator<Item = S>,
        master: impl Into<String>,
    ) -> Self {
        let sentinels: RedisResult<_> = sentinels.into_iter().map(S::into_connection_info).collect();
        let endpoint = sentinels.and_then(|sentinels| Endpoint::monitored(sentinels, master.into()));
        Self { endpoint, keys: RedisKeys::default() }
    }

    /// Sets the user, password, database and encryption of the master, as in the URL of a server. Host and port are ignored,
    /// because the sentinels know them.
    pub fn master_settings(self, server: impl IntoConnectionInfo) -> Self {
        let settings = server.into_connection_info().map(without_delay);
        let endpoint = self.endpoint.and_then(|endpoint| endpoint.with_master_settings(settings?));
        Self { endpoint, ..self }
    }

    /// Sets the prefix of all keys, by default `{gatevault}`. A prefix without a hash tag gets `{gatevault}` in front.
    pub fn key_prefix(self, prefix: &str) -> Self {
        Self { keys: RedisKeys::with_prefix(prefix), ..self }
    }
}

/// A conversion into a [`RedisEndpoint`]: of URLs, and of the other types that the `redis` crate connects to.
pub trait IntoRedisEndpoint {
    /// Converts the value.
    fn into_redis_endpoint(self) -> RedisEndpoint;
}

impl IntoRedisEndpoint for RedisEndpoint {
    fn into_redis_endpoint(self) -> RedisEndpoint {
        self
    }
}

impl<S: IntoConnectionInfo> IntoRedisEndpoint for S {
    fn into_redis_endpoint(self) -> RedisEndpoint {
        RedisEndpoint::server(self)
    }
}

impl fmt::Debug for RedisEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisEndpoint").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// The place that new connections lead to.
#[derive(Clone)]
pub(super) enum Endpoint {
    Server(ConnectionInfo),
    Master(MonitoredMaster),
}

impl Endpoint {
    fn server(info: ConnectionInfo) -> RedisResult<Self> {
        let info = without_delay(info);
        Client::open(info.clone())?;
        Ok(Self::Server(info))
    }

    fn monitored(sentinels: Vec<ConnectionInfo>, name: String) -> RedisResult<Self> {
        if sentinels.is_empty() {
            return Err((ErrorKind::EmptySentinelList, "`RedisEndpoint::sentinel` expects a sentinel").into());
        }
        for sentinel in &sentinels {
            Client::open(sentinel.clone())?;
        }
        let settings = without_delay(("master", 0).into_connection_info()?);
        Ok(Self::Master(MonitoredMaster { sentinels: sentinels.into(), name: name.into(), settings }))
    }

    fn with_master_settings(self, settings: ConnectionInfo) -> RedisResult<Self> {
        match self {
            Self::Master(master) => Ok(Self::Master(MonitoredMaster { settings, ..master })),
            Self::Server(_) => Err((
                ErrorKind::InvalidClientConfig,
                "`master_settings` expects `RedisEndpoint::sentinel`; the URL of a server has its settings",
            )
                .into()),
        }
    }

    /// Returns the endpoint with another version of the protocol.
    pub(super) fn with_protocol(self, version: ProtocolVersion) -> Self {
        let set = |info: ConnectionInfo| {
            let settings = info.redis_settings().clone().set_protocol(version);
            info.set_redis_settings(settings)
        };
        match self {
            Self::Server(info) => Self::Server(set(info)),
            Self::Master(master) => {
                Self::Master(MonitoredMaster { settings: set(master.settings.clone()), ..master })
            }
        }
    }

    /// Opens a connection to the server, or to the current master.
    pub(super) async fn open(&self, config: &AsyncConnectionConfig) -> RedisResult<MultiplexedConnection> {
        match self {
            Self::Server(info) => {
                Client::open(info.clone())?.get_multiplexed_async_connection_with_config(config).await
            }
            Self::Master(master) => master.open(config).await,
        }
    }
}

/// Sets `TCP_NODELAY`. Many callers share a connection: without it one would wait for the acknowledgment of another.
fn without_delay(info: ConnectionInfo) -> ConnectionInfo {
    info.set_tcp_settings(TcpSettings::default().set_nodelay(true))
}
