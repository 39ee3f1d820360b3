//! Hearing of ends as they are announced: a task with a connection of its own.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushKind, RedisResult};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use super::own::LONGEST_CONNECTING;
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::subscription::listen_again_and_again;

/// Calls the listener after each message on the channel, and each time that messages may have been missed.
pub(super) fn listen(
    client: &Client,
    channel: String,
    listener: RevocationListener,
    executor: &Executor,
) -> RedisResult<RevocationSubscription> {
    let info = client.get_connection_info().clone();
    // Messages and answers share a connection in this version only.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(info.set_redis_settings(settings))?;
    let hear = move || hear(client.clone(), channel.clone(), RevocationListener::clone(&listener));
    Ok(listen_again_and_again(executor, hear))
}

/// Subscribes, and listens until the connection is lost.
async fn hear(client: Client, channel: String, listener: RevocationListener) -> RedisResult<()> {
    let (sender, mut pushes) = unbounded_channel();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(LONGEST_CONNECTING))
        .set_response_timeout(Some(LONGEST_SILENCE))
        .set_push_sender(sender);
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    connection.subscribe(channel).await?;
    listener();
    loop {
        match timeout(LONGEST_SILENCE, pushes.recv()).await {
            Ok(Some(push)) if push.kind == PushKind::Message => listener(),
            Ok(Some(push)) if push.kind != PushKind::Disconnection => {}
            Ok(_) => return Ok(()),
            // Nobody hears that a connection is dead who does not speak.
            Err(_) => redis::cmd("PING").exec_async(&mut connection).await?,
        }
    }
}

const LONGEST_SILENCE: Duration = Duration::from_secs(5);
