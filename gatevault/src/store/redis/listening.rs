//! Notifications of revocations, through a subscription on a connection of its own.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushKind, RedisResult};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use super::reconnecting::CONNECT_TIMEOUT;
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::subscription::subscribe;

/// Calls the listener after each message on the channel, and after each reconnect, because messages may have been missed.
pub(super) fn listen(
    client: &Client,
    channel: String,
    listener: RevocationListener,
    executor: &Executor,
) -> RedisResult<RevocationSubscription> {
    let info = client.get_connection_info().clone();
    // Only this version of the protocol delivers messages and replies on one connection.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(info.set_redis_settings(settings))?;
    Ok(subscribe(executor, move || {
        listen_once(client.clone(), channel.clone(), RevocationListener::clone(&listener))
    }))
}

/// Connects, subscribes, and listens until the connection is lost.
async fn listen_once(client: Client, channel: String, listener: RevocationListener) -> RedisResult<()> {
    let (sender, mut pushes) = unbounded_channel();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(Some(PROBE_INTERVAL))
        .set_push_sender(sender);
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
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
