//! `Queues`: requests that wait for the revocation number, without a connection.
//!
//! Each statement that takes the number waits until the previous one is on disk. A store runs at most three of them at a time:
//! one for the ends that waited together, and two for logins above the limit.

use std::collections::VecDeque;
use std::iter::repeat_with;
use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::Postgres;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgRow;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::batch::{opens_session, run_batch, take_batch};
use crate::error::StoreError;
use crate::store::sql::dialect::{Parameter, ReadRow as _};
use crate::store::sql::pool::SqlPool;
use crate::store::sql::revoking::RevokingRequest;
use crate::store::sql::transaction::run;

/// The queues of a store. Clones share them.
#[derive(Clone, Default)]
pub(in crate::store::sql) struct Queues {
    /// The requests that can share a statement.
    ends: Queue,
    /// The logins above the limit. Each has a statement of its own.
    logins: Queue,
}

/// A queue of requests. Clones share it.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    drivers: usize,
}

/// A request, and the channel for its rows, which the caller closes when it reaches its time limit.
struct Waiting {
    request: RevokingRequest,
    answer: oneshot::Sender<Result<Vec<PgRow>, StoreError>>,
    limit: Duration,
}

/// Runs a request that may take the number.
pub(super) async fn revoke(
    pool: &SqlPool<Postgres>,
    mut request: RevokingRequest,
) -> Result<Vec<PgRow>, StoreError> {
    if !opens_session(request.kind) {
        return pool.queues.ends.run(pool, request, 1).await;
    }
    let script = request.script::<Postgres>();
    request.parameters.push(IS_NOT_PERMITTED);
    let rows = run(pool, script, &request.parameters).await?;
    if rows.first().map_or(Ok(None), |row| row.integer(IS_UNDONE))?.is_none() {
        return Ok(rows);
    }
    request.parameters.pop();
    request.parameters.push(IS_PERMITTED);
    pool.queues.logins.run(pool, request, LOGIN_DRIVERS).await
}

/// While the statement of one driver commits, that of another one can arrive and wait for the lock.
const LOGIN_DRIVERS: usize = 2;

/// The last parameter of a statement about logins: whether it may revoke some, which takes the number.
const IS_NOT_PERMITTED: Parameter = Parameter::Integer(Some(0));
const IS_PERMITTED: Parameter = Parameter::Integer(Some(1));

/// The column of such a statement that is not null if it has changed nothing.
const IS_UNDONE: usize = 3;

impl Queue {
    /// Runs the request after those that came before, and returns its rows. At most this number of drivers, each with a
    /// connection, serve the queue.
    async fn run(
        &self,
        pool: &SqlPool<Postgres>,
        request: RevokingRequest,
        most_drivers: usize,
    ) -> Result<Vec<PgRow>, StoreError> {
        let (answer, rows) = oneshot::channel();
        if let Some(driver) = self.push(Waiting { request, answer, limit: pool.limit }, most_drivers)
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(driver.drive(pool.clone()));
        }
        rows.await
            .unwrap_or_else(|_| Err("the runtime of the store shut down, or a task of it panicked".into()))
    }

    /// Adds a request. Returns a driver if there are too few.
    fn push(&self, waiting: Waiting, most_drivers: usize) -> Option<Driver> {
        let mut state = self.state();
        state.waiting.push_back(waiting);
        if state.drivers >= most_drivers {
            return None;
        }
        state.drivers = state.drivers.saturating_add(1);
        Some(Driver(Some(self.clone())))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that runs the requests of a queue until none waits.
struct Driver(Option<Queue>);

impl Driver {
    async fn drive(mut self, pool: SqlPool<Postgres>) {
        loop {
            // Callers that the last batch has answered may have a next request.
            yield_now().await;
            let Some(batch) = self.next_batch() else { return };
            let mut parts = vec![batch];
            while let Some(part) = parts.pop() {
                parts.extend(run_part(&pool, part).await);
            }
        }
    }

    /// Returns the requests that can share the next statement. If none waits, releases the queue.
    fn next_batch(&mut self) -> Option<Vec<Waiting>> {
        let queue = self.0.as_ref()?;
        let mut state = queue.state();
        state.waiting.retain(|waiting| !waiting.answer.is_closed());
        let batch = take_batch(&mut state.waiting, |waiting| &waiting.request);
        if batch.is_empty() {
            state.drivers = state.drivers.saturating_sub(1);
            drop(state);
            self.0 = None;
            return None;
        }
        Some(batch)
    }
}

/// Answers the callers if the last driver panicked or its runtime shut down. The next request starts another driver.
impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            let mut state = queue.state();
            state.drivers = state.drivers.saturating_sub(1);
            let unanswered = if state.drivers == 0 { take(&mut state.waiting) } else { VecDeque::new() };
            drop(state);
            drop(unanswered);
        }
    }
}

/// Runs requests together and answers them. Returns those to run apart, in two halves, because the database refused one.
async fn run_part(pool: &SqlPool<Postgres>, mut part: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    part.retain(|waiting| !waiting.answer.is_closed());
    if part.is_empty() {
        return Vec::new();
    }
    let requests: Vec<&RevokingRequest> = part.iter().map(|waiting| &waiting.request).collect();
    // Clones of a store share the queue, and may have other limits.
    let limit = part.iter().map(|waiting| waiting.limit).max().unwrap_or(pool.limit);
    match timeout(limit, run_batch(pool, &requests)).await {
        Ok(Ok(rows)) => answer_each(part, rows.into_iter().map(Ok)),
        // The database has undone the statement.
        Ok(Err(sqlx::Error::Database(error))) if part.len() > 1 && !concerns_all(error.as_ref()) => {
            let second = part.split_off(part.len() / 2);
            return vec![second, part];
        }
        Ok(Err(error)) if part.len() == 1 => answer_each(part, [Err(error.into())]),
        Ok(Err(error)) => {
            let error = Arc::new(error);
            answer_each(part, repeat_with(|| Err(StoreError::new(Arc::clone(&error)))));
        }
        Err(_) => answer_each(part, repeat_with(|| Err("the store did not respond in time".into()))),
    }
    Vec::new()
}

/// Returns whether the database would refuse each request apart as well.
fn concerns_all(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| OF_ALL.iter().any(|class| code.starts_with(class)))
}

/// The code of a read-only transaction, and the classes of an invalid authorization and of an unknown database (Appendix A of
/// the `PostgreSQL` documentation).
const OF_ALL: [&str; 3] = ["25006", "28", "3D"];

/// Sends each caller its answer. Callers may have gone.
fn answer_each(part: Vec<Waiting>, answers: impl IntoIterator<Item = Result<Vec<PgRow>, StoreError>>) {
    for (waiting, answer) in part.into_iter().zip(answers) {
        let _gone = waiting.answer.send(answer);
    }
}
