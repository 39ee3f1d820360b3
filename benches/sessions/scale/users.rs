//! Operations on the sessions of one user: lists and ends.

use std::time::Instant;

use gatevault::session::{ListSessions, RevokeTarget};

use crate::BenchResult;
use crate::figures::Figures;
use crate::filling::{SESSIONS_OF_A_USER, filled};
use crate::operations::{HeldSession, OTHER_USERS, Store, now, revocation};

/// Lists the sessions of users, each of which has this many.
pub(super) async fn list(
    store: &Store,
    users: impl IntoIterator<Item = u64>,
    expected: u64,
) -> BenchResult<Figures> {
    let mut times = Vec::new();
    for user in users {
        let start = Instant::now();
        let sessions = store.list(ListSessions::new(user.into(), now()?)).await?;
        times.push(start.elapsed());
        if u64::try_from(sessions.len())? != expected {
            return Err(format!("{} sessions in the list, expected {expected}", sessions.len()).into());
        }
    }
    Ok(Figures::of(times))
}

/// Lists the sessions of a user who has many, again and again.
pub(super) async fn list_many(store: &Store) -> BenchResult<Figures> {
    let user = OTHER_USERS.saturating_add(1);
    for _ in 0..MANY {
        HeldSession::open(store, user).await?;
    }
    list(store, std::iter::repeat_n(user, LISTS), MANY).await
}

/// Ends one session of each user.
pub(super) async fn end_one(store: &Store, users: impl IntoIterator<Item = u64>) -> BenchResult<Figures> {
    let mut times = Vec::new();
    for user in users {
        let session = filled(user.saturating_mul(SESSIONS_OF_A_USER));
        let start = Instant::now();
        session.end(store).await?;
        times.push(start.elapsed());
    }
    Ok(Figures::of(times))
}

/// Ends all sessions of each user.
pub(super) async fn end_all(store: &Store, users: impl IntoIterator<Item = u64>) -> BenchResult<Figures> {
    let mut times = Vec::new();
    for user in users {
        let request = revocation(user, RevokeTarget::All)?;
        let start = Instant::now();
        let ended = store.revoke(request).await?;
        times.push(start.elapsed());
        if u64::try_from(ended.len())? != SESSIONS_OF_A_USER {
            return Err(format!("{} sessions ended, expected {SESSIONS_OF_A_USER}", ended.len()).into());
        }
    }
    Ok(Figures::of(times))
}

/// The sessions of a user with many.
pub(super) const MANY: u64 = 100;
const LISTS: usize = 20;
