//! Hears of the ends of sessions as they happen.

use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{Executor as _, PgPool};
use tokio::time::timeout;

use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::subscription::listen_again_and_again;

/// What is notified of an end. A macro, since it stands in the middle of a statement.
macro_rules! channel {
    () => {
        "gatevault_sessions"
    };
}
pub(super) use channel;

/// Calls the listener at each notification, and after each connection, since something may have been missed before it.
pub(super) fn begin(
    pool: PgPool,
    executor: &Executor,
    listener: RevocationListener,
) -> RevocationSubscription {
    listen_again_and_again(executor, move || hear(pool.clone(), RevocationListener::clone(&listener)))
}

/// Listens until the connection is lost.
async fn hear(pool: PgPool, listener: RevocationListener) -> Result<(), sqlx::Error> {
    // Out of the application's pool it would be missing for good.
    let own = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let own = own.acquire_timeout(LONGEST_ANSWER).connect_lazy_with(pool.connect_options().as_ref().clone());
    let mut notifications = PgListener::connect_with(&own).await?;
    // It would say nothing of what has failed, and lose its place if it were dropped at that.
    notifications.eager_reconnect(false);
    notifications.listen(channel!()).await?;
    listener();
    loop {
        match timeout(LONGEST_SILENCE, notifications.try_recv()).await {
            Ok(Ok(Some(_))) => listener(),
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            // A server that is gone without a word looks like one that has nothing to say.
            Err(_) => {
                let answer = timeout(LONGEST_ANSWER, notifications.execute("SELECT 1")).await;
                answer.map_err(|_| sqlx::Error::PoolTimedOut)??;
            }
        }
    }
}

const LONGEST_SILENCE: Duration = Duration::from_secs(30);
const LONGEST_ANSWER: Duration = Duration::from_secs(10);
