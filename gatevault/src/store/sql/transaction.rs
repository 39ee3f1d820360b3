//! Runs scripts of statements atomically, and retries them after transient conflicts.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Connection, query_with, raw_sql};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::dialect::{BindParameter, Dialect, Fetching, Parameter};
use super::pool::SqlPool;
use super::statements::Script;

/// Runs the script atomically and returns the rows of its last statement.
///
/// The future is boxed here, where the database is generic: of the future over a concrete database, the compiler cannot
/// prove that it is `Send`.
pub(super) fn run<'r, D: Dialect>(
    pool: &'r SqlPool<D>,
    script: Script,
    parameters: &'r [Parameter],
) -> Fetching<'r, D> {
    // A bare statement runs at the isolation level that the connection is configured with, and may conflict there. The
    // retry runs in a transaction whose isolation level is ours.
    let is_bare = is_single_statement(script, parameters);
    Box::pin(retry::<D, _, _>(move |is_first| attempt(pool, script, parameters, is_first && is_bare)))
}

/// Retries an operation a few times while it fails because of concurrent transactions.
pub(super) async fn retry<D: Dialect, T, F: Future<Output = Result<T, sqlx::Error>>>(
    mut attempt: impl FnMut(bool) -> F,
) -> Result<T, sqlx::Error> {
    let mut pauses = PAUSES.into_iter();
    let mut outcome = attempt(true).await;
    while let Err(sqlx::Error::Database(error)) = &outcome
        && (D::is_transient(error.as_ref()) || D::is_about_statements(error.as_ref()))
        && let Some(pause) = pauses.next()
    {
        sleep(pause).await;
        outcome = attempt(false).await;
    }
    outcome
}

/// Returns whether the script is one statement, which is a transaction by itself.
fn is_single_statement(script: Script, parameters: &[Parameter]) -> bool {
    script.len() == 1 && !parameters.is_empty()
}

async fn attempt<D: Dialect>(
    pool: &SqlPool<D>,
    script: Script,
    parameters: &[Parameter],
    is_bare: bool,
) -> Result<Vec<D::Row>, sqlx::Error> {
    let mut lease = PoolLease(Some(pool.connections.acquire().await?));
    let connection = lease.0.as_deref_mut().ok_or(sqlx::Error::PoolClosed)?;
    let outcome = if is_bare {
        fetch_last(pool, connection, script, parameters).await
    } else {
        transact(pool, connection, script, parameters).await
    };
    drop(lease.0.take());
    if let Err(sqlx::Error::Database(error)) = &outcome
        && D::is_about_statements(error.as_ref())
    {
        D::loses_statements(pool);
    }
    outcome
}

async fn transact<D: Dialect>(
    pool: &SqlPool<D>,
    connection: &mut D::Connection,
    script: Script,
    parameters: &[Parameter],
) -> Result<Vec<D::Row>, sqlx::Error> {
    let mut transaction = connection.begin_with(D::BEGIN).await?;
    let rows = fetch_last(pool, &mut transaction, script, parameters).await?;
    transaction.commit().await?;
    Ok(rows)
}

async fn fetch_last<D: Dialect>(
    pool: &SqlPool<D>,
    connection: &mut D::Connection,
    script: Script,
    parameters: &[Parameter],
) -> Result<Vec<D::Row>, sqlx::Error> {
    let mut rows = Vec::new();
    for statement in script {
        rows = if parameters.is_empty() {
            D::fetch(connection, raw_sql(*statement)).await?
        } else if let Some(inlined) = D::inline(pool, statement, parameters) {
            D::fetch(connection, raw_sql(AssertSqlSafe(inlined))).await?
        } else {
            fetch_prepared(pool, connection, statement, parameters).await?
        };
    }
    Ok(rows)
}

/// Runs a statement that stays prepared on the connection.
async fn fetch_prepared<D: Dialect>(
    pool: &SqlPool<D>,
    connection: &mut D::Connection,
    statement: &'static str,
    parameters: &[Parameter],
) -> Result<Vec<D::Row>, sqlx::Error> {
    let mut arguments = D::Arguments::default();
    parameters.iter().try_for_each(|parameter| arguments.bind(parameter)).map_err(sqlx::Error::Encode)?;
    let rows = D::fetch(connection, query_with(statement, arguments)).await?;
    // Without a cache, sqlx prepares the statement again each time, and never closes it.
    if connection.cached_statements_size() == 0 {
        D::loses_statements(pool);
    }
    Ok(rows)
}

/// A pooled connection in use.
///
/// An operation that is dropped early, as at the time limit, may leave a connection that waits for an answer which never
/// comes. The pool would keep it until TCP times out, after about 15 minutes.
struct PoolLease<D: Dialect>(Option<PoolConnection<D>>);

impl<D: Dialect> Drop for PoolLease<D> {
    fn drop(&mut self) {
        let (Some(mut connection), Ok(runtime)) = (self.0.take(), Handle::try_current()) else {
            return;
        };
        runtime.spawn(async move {
            // Not at once: if the server is only slow, more connections make it slower.
            if !matches!(timeout(LONGEST_RECOVERY, connection.ping()).await, Ok(Ok(()))) {
                drop(connection.detach());
            }
        });
    }
}

const PAUSES: [Duration; 3] =
    [Duration::from_millis(5), Duration::from_millis(25), Duration::from_millis(125)];

const LONGEST_RECOVERY: Duration = Duration::from_secs(30);
