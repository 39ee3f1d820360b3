//! Notifications of revocations, through a subscription on a connection of its own.

use std::time::Duration;

use redis::{AsyncConnectionConfig, ProtocolVersion, PushKind, RedisResult};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use super::endpoint::Endpoint;
use super::reconnecting::CONNECT_TIMEOUT;
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::subscription::subscribe;

/// Calls the listener after each message on the channel, and after each reconnect, because messages may have been missed.
pub(super) fn listen(
    endpoint: &Endpoint,
    channel: String,
    listener: RevocationListener,
    executor: &Executor,
) -> RevocationSubscription {
    // Only this version of the protocol delivers messages and replies on one connection.
    let endpoint = endpoint.clone().with_protocol(ProtocolVersion::RESP3);
    subscribe(executor, move || {
        listen_once(endpoint.clone(), channel.clone(), RevocationListener::clone(&listener))
    })
}

/// Connects, subscribes, and listens until the connection is lost.
async fn listen_once(endpoint: Endpoint, channel: String, listener: RevocationListener) -> RedisResult<()> {
    let (sender, mut pushes) = unbounded_channel();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(PROBE_INTERVAL))
        .set_push_sender(sender);
    let mut connection = endpoint.open(&config).await?;
    connection.subscribe(channel).await?;
    listener();
    loop {
        match timeout(PROBE_INTERVAL, pushes.recv()).await {
            Ok(Some(push)) if push.kind == PushKind::Message => listener(),
            Ok(Some(push)) if push.kind != PushKind::Disconnection => {}
            Ok(_) => return Ok(()),
            // Without traffic a dead connection is not noticed: probe it.
            Err(_) => redis::cmd("PING").exec_async(&mut connection).await?,
        }
    }
}

const PROBE_INTERVAL: Duration = Duration::from_secs(5);
