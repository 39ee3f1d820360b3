//! A master whose address the sentinels know.
//!
//! The `SentinelClient` of the `redis` crate would not do: its connection stays at the server that was the master once.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, RedisError, RedisResult,
    ServerErrorKind, Value, cmd, from_redis_value,
};
use tokio::task::JoinSet;

use super::reconnecting::CONNECT_TIMEOUT;

/// A group of servers that sentinels monitor.
#[derive(Clone)]
pub(super) struct MonitoredMaster {
    pub(super) sentinels: Arc<[ConnectionInfo]>,
    /// The name of the group in the configuration of the sentinels.
    pub(super) name: Arc<str>,
    /// The settings of the master. The sentinels supply its host and port.
    pub(super) settings: ConnectionInfo,
}

impl MonitoredMaster {
    /// Connects to the current master. Asks all sentinels at once, because some may be down or behind a partition.
    pub(super) async fn open(&self, config: &AsyncConnectionConfig) -> RedisResult<MultiplexedConnection> {
        let mut questions = JoinSet::new();
        for sentinel in self.sentinels.iter() {
            questions.spawn(address_from(sentinel.clone(), Arc::clone(&self.name)));
        }
        let mut tried = Vec::new();
        let mut failure = RedisError::from((ErrorKind::EmptySentinelList, "no sentinel was given"));
        while let Some(answer) = questions.join_next().await {
            let address = match answer {
                Ok(Ok(address)) if tried.contains(&address) => continue,
                Ok(Ok(address)) => address,
                // The failure of a server that a sentinel named says more.
                Ok(Err(error)) if tried.is_empty() => {
                    failure = error;
                    continue;
                }
                _ => continue,
            };
            match self.open_master(&address, config).await {
                Ok(connection) => return Ok(connection),
                Err(error) => failure = error,
            }
            tried.push(address);
        }
        Err(failure)
    }

    /// Connects to the server, and rejects one that is not the master any more.
    async fn open_master(
        &self,
        (host, port): &(String, u16),
        config: &AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        let address = with_host(self.settings.addr(), host, *port);
        let client = Client::open(self.settings.clone().set_addr(address))?;
        let mut connection = client.get_multiplexed_async_connection_with_config(config).await?;
        match cmd("ROLE").query_async::<Vec<Value>>(&mut connection).await {
            Ok(role) if role.first().is_some_and(is_master) => Ok(connection),
            Ok(_) => Err((ServerErrorKind::ReadOnly.into(), "the server is not the master any more").into()),
            // A user without this permission learns it from the first write.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) => Ok(connection),
            Err(error) => Err(error),
        }
    }
}

/// Requests the address of the master from one sentinel.
async fn address_from(sentinel: ConnectionInfo, name: Arc<str>) -> RedisResult<(String, u16)> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(CONNECT_TIMEOUT));
    let mut connection =
        Client::open(sentinel)?.get_multiplexed_async_connection_with_config(&config).await?;
    let mut question = cmd("SENTINEL");
    question.arg("GET-MASTER-ADDR-BY-NAME").arg(&*name);
    question.query_async::<Option<(String, u16)>>(&mut connection).await?.ok_or_else(|| {
        (ErrorKind::MasterNameNotFoundBySentinel, "the sentinel knows no master with this name").into()
    })
}

/// Returns the address with another host and port, and the same TLS settings.
fn with_host(address: &ConnectionAddr, host: &str, port: u16) -> ConnectionAddr {
    let host = host.to_owned();
    match address {
        ConnectionAddr::TcpTls { insecure, tls_params, .. } => {
            let (insecure, tls_params) = (*insecure, tls_params.clone());
            ConnectionAddr::TcpTls { host, port, insecure, tls_params }
        }
        _ => ConnectionAddr::Tcp(host, port),
    }
}

fn is_master(role: &Value) -> bool {
    from_redis_value::<String>(role.clone()).is_ok_and(|role| role == "master")
}
