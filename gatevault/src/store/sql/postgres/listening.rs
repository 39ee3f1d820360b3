//! Notifications of revocations, through `LISTEN`.

use std::future::pending;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Executor as _, PgPool, Postgres};
use tokio::time::timeout;

use super::mark::{Mark, plain, rejects_the_mark};
use super::route::Listening;
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::sql::pool::SqlPool;
use crate::store::subscription::subscribe;

/// The channel of the notifications. A macro, because it is part of a literal statement.
macro_rules! channel {
    () => {
        "gatevault_sessions"
    };
}
pub(super) use channel;

/// Calls the listener after each notification, and after each reconnect, because notifications may have been missed.
///
/// A connection that a pooler shares is never listened on: the server would send the notifications to other clients, which
/// do not expect them.
pub(super) fn listen(
    pool: &SqlPool<Postgres>,
    executor: &Executor,
    listener: RevocationListener,
) -> Option<RevocationSubscription> {
    if matches!(pool.route.listening, Listening::Never) {
        return None;
    }
    let pool = pool.clone();
    Some(subscribe(executor, move || listen_once(pool.clone(), RevocationListener::clone(&listener))))
}

/// Connects, and listens until the connection is lost. Waits forever where a pooler shares the connection.
async fn listen_once(pool: SqlPool<Postgres>, listener: RevocationListener) -> Result<(), sqlx::Error> {
    let Some(mut notifications) = connect(&pool).await? else {
        tracing::info!(
            target: "gatevault",
            "no LISTEN through a connection pooler, revocations of other processes arrive at the next poll"
        );
        return pending().await;
    };
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

/// Connects where it is safe to listen. Returns `None` where it is not.
async fn connect(pool: &SqlPool<Postgres>) -> Result<Option<PgListener>, sqlx::Error> {
    match &pool.route.listening {
        // At each attempt, because an application may give its pool other options, such as a new password.
        Listening::WhereSafe => connect_directly(&pool.connections.connect_options()).await,
        Listening::At(options) => listener_of(&pool_of_one(plain(options))).await.map(Some),
        Listening::Never => Ok(None),
    }
}

/// Connects to a server process of its own. Returns `None` behind a pooler.
async fn connect_directly(options: &PgConnectOptions) -> Result<Option<PgListener>, sqlx::Error> {
    let mark = Mark::random()?;
    let pool = pool_of_one(mark.mark(options));
    // Not on the listener at once: it sends UNLISTEN when it is dropped, even through a pooler.
    let mut connection = match pool.acquire().await {
        Ok(connection) => connection,
        Err(error) if rejects_the_mark(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    if !mark.is_on(&mut *connection).await? {
        return Ok(None);
    }
    drop(connection);
    let mut listener = listener_of(&pool).await?;
    // The pool may have opened another connection.
    Ok(mark.is_on(&mut listener).await?.then_some(listener))
}

/// Creates a pool of its own for the listener: a connection of the application's pool would be missing there for good.
fn pool_of_one(options: PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    pool.acquire_timeout(RESPONSE_TIMEOUT).connect_lazy_with(options)
}

async fn listener_of(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // An eager reconnect hides the error, and loses the connection's place in the pool if it is dropped meanwhile.
    listener.eager_reconnect(false);
    Ok(listener)
}

const PROBE_INTERVAL: Duration = Duration::from_secs(30);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
