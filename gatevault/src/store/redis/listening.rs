//! Hearing of ends as they are announced: a task with a connection of its own.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushKind, RedisResult};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::own::LONGEST_CONNECTING;
use crate::session::{Listener, Subscription};
use crate::store::executor::Executor;

/// Calls the listener after each message on the channel, and each time that messages may have been missed.
pub(super) fn listen(
    client: &Client,
    channel: String,
    listener: Listener,
    executor: &Executor,
) -> RedisResult<Subscription> {
    let info = client.get_connection_info().clone();
    // Messages and answers share a connection in this version only.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(info.set_redis_settings(settings))?;
    let task = executor.handle().spawn(stay_subscribed(client, channel, listener));
    Ok(Box::new(Listening { task: task.abort_handle(), _executor: executor.clone() }))
}

async fn stay_subscribed(client: Client, channel: String, listener: Listener) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        match hear(&client, &channel, &listener, &mut pause).await {
            Ok(()) => tracing::debug!(target: "gatevault", "subscription to revocations lost"),
            Err(error) => {
                let error = error.to_string();
                tracing::debug!(target: "gatevault", ?error, "no subscription to revocations");
            }
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Subscribes, and listens until the connection is lost.
async fn hear(client: &Client, channel: &str, listener: &Listener, pause: &mut Duration) -> RedisResult<()> {
    let (sender, mut pushes) = unbounded_channel();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(LONGEST_CONNECTING))
        .set_response_timeout(Some(LONGEST_SILENCE))
        .set_push_sender(sender);
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    connection.subscribe(channel).await?;
    *pause = SHORTEST_PAUSE;
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

/// Ends the task with its drop, and keeps the place where it runs until then.
#[derive(Debug)]
struct Listening {
    task: AbortHandle,
    _executor: Executor,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// Longer would gain nothing: who listens asks now and then anyway.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const LONGEST_SILENCE: Duration = Duration::from_secs(5);
