//! `MemorySessions`.

mod compact;
mod rows;
mod spent;
mod sweep;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use self::rows::RecordedRevocation;
use self::sweep::SweepCursor;
use self::table::SessionTable;
use crate::clock::Timestamp;
use crate::future::StoreFuture;
use crate::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, Revocation, RevocationBatch,
    RevocationCursor, RevocationKind, RevokeSessions, Rotation, RotationOutcome, Session, SessionStore,
    SpendToken, StepUp, StoredSession,
};

/// A session store in the memory of the process, which loses its sessions when the process ends.
///
/// A handler uses it unless another store is set. Clones share their sessions.
///
/// # Security
///
/// The revocations are lost as well. If the process restarts with the same key, an access token of a session that a logout
/// has ended is accepted again until it expires, and so is a token that was [spent](SessionStore::spend). A refresh token is
/// not, since its session is unknown.
///
/// # Examples
///
/// ```
/// use gatevault::{AuthUser, MemorySessions, OAuthHandler, TokenManager};
///
/// # fn handler<U: AuthUser>(find: impl Fn(&str) -> Option<U> + Send + Sync + 'static) -> Result<(), gatevault::Error> {
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, find).session_store(MemorySessions::new());
/// # drop(oauth);
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct MemorySessions {
    shared: Arc<SharedTable>,
}

#[derive(Default)]
struct SharedTable {
    table: Mutex<SessionTable>,
    /// The number of threads that wait for the lock.
    waiting: AtomicUsize,
}

impl MemorySessions {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs the operation under the lock, in one step.
    fn locked<'a, T>(
        &'a self,
        operation: impl FnOnce(&mut SessionTable) -> T + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async { Ok(operation(&mut self.table())) })
    }

    /// Locks the table. Poisoning is ignored: no operation panics, and each row would stay consistent.
    fn table(&self) -> MutexGuard<'_, SessionTable> {
        let SharedTable { table, waiting } = &*self.shared;
        if let Ok(table) = table.try_lock() {
            return table;
        }
        waiting.fetch_add(1, Ordering::Relaxed);
        let table = table.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.fetch_sub(1, Ordering::Relaxed);
        table
    }

    /// Returns to the executor between two parts of an operation, until no thread waits for the lock.
    ///
    /// The lock is not fair: an operation that takes it again at once is faster than a thread that must first wake up.
    fn let_others_run(&self) -> impl Future<Output = ()> {
        let mut turns = 0_usize..MOST_TURNS;
        future::poll_fn(move |context| {
            let is_first = turns.start == 0;
            if turns.next().is_none() || !is_first && self.shared.waiting.load(Ordering::Relaxed) == 0 {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
    }
}

impl SessionStore for MemorySessions {
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        self.locked(move |table| table.open(session))
    }

    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.locked(move |table| table.rotate(rotation))
    }

    fn step_up(&self, request: StepUp) -> StoreFuture<'_, RotationOutcome> {
        self.locked(move |table| table.step_up(request))
    }

    fn find(&self, request: FindSession) -> StoreFuture<'_, Option<StoredSession>> {
        self.locked(move |table| table.find(&request))
    }

    fn spend(&self, request: SpendToken) -> StoreFuture<'_, bool> {
        self.locked(move |table| table.spent.spend(&request))
    }

    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        self.locked(move |table| table.revoke(request))
    }

    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        self.locked(move |table| table.list(request))
    }

    fn record_revocation(&self, request: NewRevocation) -> StoreFuture<'_, ()> {
        let until = request.revocation.until.filter(|_| request.revocation.kind == RevocationKind::Token);
        let needed_until =
            until.map_or(Timestamp::LAST_SECOND, |expires_at| expires_at.after(Revocation::LONGEST_LEEWAY));
        self.locked(move |table| table.record(request.revocation, request.now, needed_until))
    }

    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        let (mut position, since) = match cursor {
            RevocationCursor::Time(time) => (0, time),
            RevocationCursor::Position(position) => (position, Timestamp::FIRST_SECOND),
        };
        Box::pin(async move {
            let mut revocations = Vec::new();
            loop {
                let part = self.table().part_of_revocations(position, since);
                revocations.extend(part.revocations);
                position = part.position;
                if part.is_last {
                    return Ok(RevocationBatch::new(revocations, position));
                }
                self.let_others_run().await;
            }
        })
    }

    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
        let RemoveExpired { now, keep_revoked, .. } = request;
        let is_old = move |recorded: &RecordedRevocation| {
            now >= recorded.at.after(keep_revoked) && !recorded.revocation.is_of_unexpired_token(now)
        };
        Box::pin(async move {
            let (mut cursor, mut removed) = (SweepCursor::default(), 0_u64);
            loop {
                let part = self.table().sweep_part(&mut cursor, now, is_old);
                removed = removed.saturating_add(part);
                if cursor.is_complete {
                    return Ok(removed);
                }
                self.let_others_run().await;
            }
        })
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl fmt::Debug for MemorySessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessions").finish_non_exhaustive()
    }
}

/// The number of times that a part is postponed at most. Under constant load, some thread always waits.
const MOST_TURNS: usize = 1000;
