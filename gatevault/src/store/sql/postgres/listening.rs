//! Notifications of revocations, through `LISTEN`.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Executor as _, PgPool};
use tokio::time::timeout;

use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::subscription::subscribe;

/// The channel of the notifications. A macro, because it is part of a literal statement.
macro_rules! channel {
    () => {
        "gatevault_sessions"
    };
}
pub(super) use channel;

/// Calls the listener after each notification, and after each reconnect, because notifications may have been missed.
pub(super) fn listen(
    pool: PgPool,
    executor: &Executor,
    listener: RevocationListener,
) -> RevocationSubscription {
    subscribe(executor, move || listen_once(pool.clone(), RevocationListener::clone(&listener)))
}

/// Connects, and listens until the connection is lost.
async fn listen_once(pool: PgPool, listener: RevocationListener) -> Result<(), sqlx::Error> {
    // A pool of its own: a connection of the application's pool would be missing there for good.
    let pool_of_one = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let pool_of_one = pool_of_one
        .acquire_timeout(RESPONSE_TIMEOUT)
        .connect_lazy_with(pool.connect_options().as_ref().clone());
    let mut notifications = PgListener::connect_with(&pool_of_one).await?;
    // An eager reconnect hides the error, and loses the connection's place in the pool if it is dropped meanwhile.
    notifications.eager_reconnect(false);
    notifications.listen(channel!()).await?;
    listener();
    loop {
        match timeout(PROBE_INTERVAL, notifications.try_recv()).await {
            Ok(Ok(Some(_))) => listener(),
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            // A server that vanished without closing the connection looks like one without notifications: probe it.
            Err(_) => {
                let answer = timeout(RESPONSE_TIMEOUT, notifications.execute("SELECT 1")).await;
                answer.map_err(|_| sqlx::Error::PoolTimedOut)??;
            }
        }
    }
}

const PROBE_INTERVAL: Duration = Duration::from_secs(30);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
