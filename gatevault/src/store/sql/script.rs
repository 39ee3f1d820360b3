//! How statements are carried out: as a whole, and again where a database says that it only failed for others.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Connection, Pool, query_with, raw_sql};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::dialect::{Bind, Dialect, Parameter};
use super::statements::Script;

/// Runs the script as a whole, and gives the rows of the last statement.
pub(super) async fn run<D: Dialect>(
    pool: &Pool<D>,
    script: Script,
    parameters: &[Parameter],
) -> Result<Vec<D::Row>, sqlx::Error> {
    // What a connection does with a bare statement is its own matter; with a transaction of ours it is known, and so is
    // that a second time does not fail for the isolation that somebody has set.
    insist::<D, _, _>(|is_first| attempt(pool, script, parameters, is_first && is_whole(script, parameters)))
        .await
}

/// Tries again, a few times, what has only failed for what others do at the same time.
pub(super) async fn insist<D: Dialect, T, F: Future<Output = Result<T, sqlx::Error>>>(
    mut attempt: impl FnMut(bool) -> F,
) -> Result<T, sqlx::Error> {
    let mut pauses = PAUSES.into_iter();
    let mut outcome = attempt(true).await;
    while let Err(sqlx::Error::Database(error)) = &outcome
        && D::is_passing(error.as_ref())
        && let Some(pause) = pauses.next()
    {
        sleep(pause).await;
        outcome = attempt(false).await;
    }
    outcome
}

/// Whether the script is a transaction without more ado.
fn is_whole(script: Script, parameters: &[Parameter]) -> bool {
    script.len() == 1 && !parameters.is_empty()
}

async fn attempt<D: Dialect>(
    pool: &Pool<D>,
    script: Script,
    parameters: &[Parameter],
    is_whole: bool,
) -> Result<Vec<D::Row>, sqlx::Error> {
    let mut lease = Lease(Some(pool.acquire().await?));
    let connection = lease.0.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
    let outcome = if is_whole {
        fetch_last::<D>(connection, script, parameters).await
    } else {
        transact::<D>(connection, script, parameters).await
    };
    drop(lease.0.take());
    outcome
}

async fn transact<D: Dialect>(
    connection: &mut D::Connection,
    script: Script,
    parameters: &[Parameter],
) -> Result<Vec<D::Row>, sqlx::Error> {
    let mut transaction = connection.begin_with(D::BEGIN).await?;
    let rows = fetch_last::<D>(&mut transaction, script, parameters).await?;
    transaction.commit().await?;
    Ok(rows)
}

async fn fetch_last<D: Dialect>(
    connection: &mut D::Connection,
    script: Script,
    parameters: &[Parameter],
) -> Result<Vec<D::Row>, sqlx::Error> {
    let mut rows = Vec::new();
    for statement in script {
        rows = if parameters.is_empty() {
            D::fetch(connection, raw_sql(*statement)).await?
        } else {
            let mut arguments = D::Arguments::default();
            parameters
                .iter()
                .try_for_each(|parameter| arguments.bind(parameter))
                .map_err(sqlx::Error::Encode)?;
            D::fetch(connection, query_with(*statement, arguments)).await?
        };
    }
    Ok(rows)
}

/// A connection that is at work. Dropped before its end, as at the time limit, it may still be waiting for an answer
/// that never comes: the pool would hold its place until TCP gives up, which takes a quarter of an hour.
struct Lease<D: Dialect>(Option<PoolConnection<D>>);

impl<D: Dialect> Drop for Lease<D> {
    fn drop(&mut self) {
        let (Some(mut connection), Ok(runtime)) = (self.0.take(), Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move {
            // Not at once: while a server is only slow, more connections make it slower.
            if !matches!(timeout(LONGEST_RECOVERY, connection.ping()).await, Ok(Ok(()))) {
                drop(connection.detach());
            }
        });
    }
}

const PAUSES: [Duration; 3] =
    [Duration::from_millis(5), Duration::from_millis(25), Duration::from_millis(125)];

const LONGEST_RECOVERY: Duration = Duration::from_secs(30);
