//! Clients in a closed loop: each continues as soon as it has the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gatevault::session::{NewRevocation, Revocation};
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

use crate::BenchResult;
use crate::figures::Figures;
use crate::operations::{HeldSession, OTHER_USERS, Store, later, now, random_id};

/// The work of a client.
pub(crate) trait Work: Send + 'static {
    /// Runs the next operation. Returns false if there is none left.
    fn next(&mut self, store: &Store) -> impl Future<Output = BenchResult<bool>> + Send;
}

/// Rotates the token of one session.
impl Work for HeldSession {
    async fn next(&mut self, store: &Store) -> BenchResult<bool> {
        self.rotate(store).await.map(|()| true)
    }
}

/// Ends one session after the other.
pub(crate) struct Ending<I>(pub(crate) I);

impl<I: Iterator<Item = HeldSession> + Send + 'static> Work for Ending<I> {
    async fn next(&mut self, store: &Store) -> BenchResult<bool> {
        let Some(session) = self.0.next() else { return Ok(false) };
        session.end(store).await.map(|()| true)
    }
}

/// Records this many revocations of tokens.
pub(crate) struct Recording(pub(crate) u64);

impl Work for Recording {
    async fn next(&mut self, store: &Store) -> BenchResult<bool> {
        let Some(left) = self.0.checked_sub(1) else { return Ok(false) };
        self.0 = left;
        let revocation = Revocation::of_token(random_id(), later()?);
        store.record_revocation(NewRevocation::new(revocation, now()?)).await?;
        Ok(true)
    }
}

/// Logs a user in who may have one session, so that each login after the first ends one.
pub(crate) struct LoggingIn(pub(crate) u64);

impl Work for LoggingIn {
    async fn next(&mut self, store: &Store) -> BenchResult<bool> {
        let mut session = HeldSession::of(self.0).to_open(now()?, later()?);
        session.limit = Some(1);
        store.open(session).await?;
        Ok(true)
    }
}

/// Runs the clients in parallel for this time.
pub(crate) async fn run<W: Work>(store: &Store, clients: Vec<W>, window: Duration) -> BenchResult<Figures> {
    let (start, mut tasks) = (Instant::now(), JoinSet::new());
    for client in clients {
        tasks.spawn(repeat(client, Arc::clone(store), move || start.elapsed() >= window));
    }
    let (mut times, mut failed) = (Vec::new(), 0_u64);
    while let Some(client) = tasks.join_next().await {
        let (of_client, failures) = client?;
        times.extend(of_client);
        failed = failed.saturating_add(failures);
    }
    Ok(Figures::new(times, start.elapsed(), failed))
}

/// Runs the work, and meanwhile a client that rotates the token of a session of its own. Returns the result of the work
/// and the figures of the rotations.
pub(crate) async fn beside_rotations<T>(
    store: &Store,
    work: impl Future<Output = BenchResult<T>>,
) -> BenchResult<(T, Figures)> {
    let session = HeldSession::open(store, OTHER_USERS).await?;
    let (is_over, start) = (Arc::new(AtomicBool::new(false)), Instant::now());
    let is_over_too = Arc::clone(&is_over);
    let rotations =
        tokio::spawn(repeat(session, Arc::clone(store), move || is_over_too.load(Ordering::Relaxed)));
    sleep(Duration::from_millis(1)).await; // the rotations begin first
    let result = work.await;
    is_over.store(true, Ordering::Relaxed);
    let (times, failed) = rotations.await?;
    Ok((result?, Figures::new(times, start.elapsed(), failed)))
}

/// Repeats the work until it is over. Returns the time of each operation and the number of those that failed.
async fn repeat(mut work: impl Work, store: Store, is_over: impl Fn() -> bool) -> (Vec<Duration>, u64) {
    let (mut times, mut failed) = (Vec::new(), 0_u64);
    while !is_over() {
        let start = Instant::now();
        match work.next(&store).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => failed = failed.saturating_add(1),
        }
        times.push(start.elapsed());
        yield_now().await; // the memory store never waits
    }
    (times, failed)
}
