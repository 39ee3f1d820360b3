//! `MemorySessions`.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::future::StoreFuture;
use crate::session::{
    NewSession, RefreshTicket, RevocationBatch, RevocationCursor, RevokeTarget, Rotation, RotationOutcome,
    Session, SessionRecord, SessionStore, Verdict,
};

/// A session store in the memory of the process, which loses its sessions when the process ends.
///
/// A handler uses it unless another store is set. Clones share their sessions.
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
    table: Arc<Mutex<SessionTable>>,
}

#[derive(Default)]
struct SessionTable {
    sessions: HashMap<String, SessionRow>,
    by_user: HashMap<UserId, HashSet<String>>,
    /// The number of the last revocation.
    position: u64,
    /// The number of sessions at which the next login removes the expired ones.
    sweep_at: usize,
}

struct SessionRow {
    user: UserId,
    label: Option<String>,
    authenticated_at: Timestamp,
    expires_at: Timestamp,
    current: RefreshTicket,
    previous: Option<String>,
    rotated_at: Timestamp,
    security_stamp: String,
    revocation: Option<Revocation>,
}

#[derive(Clone, Copy)]
struct Revocation {
    position: u64,
    at: Timestamp,
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
        // Poisoning is ignored: no operation panics, and each row would stay consistent.
        Box::pin(async { Ok(operation(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))) })
    }
}

impl SessionStore for MemorySessions {
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
        self.locked(move |table| table.open(session))
    }

    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.locked(move |table| table.rotate(&rotation))
    }

    fn revoke(&self, target: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
        self.locked(move |table| table.revoke(&target, now))
    }

    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
        self.locked(move |table| table.list(&user, now))
    }

    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.locked(move |table| table.revocations_since(cursor))
    }

    fn remove_expired(&self, now: Timestamp, keep_revoked: Duration) -> StoreFuture<'_, u64> {
        self.locked(move |table| table.remove(|row| row.is_removable(now, keep_revoked)))
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl SessionTable {
    fn open(&mut self, session: NewSession) {
        if self.sessions.len() >= self.sweep_at {
            let now = session.authenticated_at;
            self.remove(|row| row.is_forgettable(now));
            // At twice the number of active sessions, the cost of a sweep is amortized over the logins since the last one.
            self.sweep_at = self.sessions.len().saturating_mul(2).max(1024);
        }
        if let Some(previous) = &session.previous_security_stamp {
            self.replace_stamp(&session.user, previous, &session.security_stamp);
        }
        self.by_user.entry(session.user.clone()).or_default().insert(session.id.clone());
        let row = SessionRow {
            user: session.user,
            label: session.label,
            authenticated_at: session.authenticated_at,
            expires_at: session.expires_at,
            rotated_at: session.ticket.issued_at,
            current: session.ticket,
            previous: None,
            security_stamp: session.security_stamp,
            revocation: None,
        };
        self.sessions.insert(session.id, row);
    }

    fn rotate(&mut self, rotation: &Rotation) -> RotationOutcome {
        let Some(row) = self.sessions.get_mut(&rotation.session) else {
            return RotationOutcome::Unknown;
        };
        match row.record(rotation.now).evaluate(rotation) {
            Verdict::Rotate => {
                let successor = rotation.successor_within(row.expires_at);
                row.previous = Some(mem::replace(&mut row.current, successor.clone()).id);
                row.rotated_at = rotation.now;
                RotationOutcome::Rotated(successor)
            }
            Verdict::Revoke(outcome) => {
                row.revoke(&mut self.position, rotation.now);
                outcome
            }
            Verdict::Keep(outcome) => outcome,
        }
    }

    fn revoke(&mut self, target: &RevokeTarget, now: Timestamp) -> Vec<String> {
        let (user, ids): (_, Vec<&String>) = match target {
            RevokeTarget::Session { user, session } => (user, vec![session]),
            RevokeTarget::All { user } => (user, self.by_user.get(user).into_iter().flatten().collect()),
            RevokeTarget::Others { user, kept, security_stamp } => {
                if let Some(row) = self.sessions.get_mut(kept).filter(|row| row.user == *user) {
                    row.security_stamp.clone_from(security_stamp);
                }
                let ids = self.by_user.get(user).into_iter().flatten();
                (user, ids.filter(|id| *id != kept).collect())
            }
        };
        let mut revoked = Vec::new();
        for id in ids {
            let row = self.sessions.get_mut(id).filter(|row| row.user == *user && row.revocation.is_none());
            if let Some(row) = row {
                row.revoke(&mut self.position, now);
                revoked.push(id.clone());
            }
        }
        revoked
    }

    fn list(&self, user: &UserId, now: Timestamp) -> Vec<Session> {
        let rows =
            self.by_user.get(user).into_iter().flatten().filter_map(|id| Some((id, self.sessions.get(id)?)));
        let active = rows.filter(|(_, row)| row.revocation.is_none() && !row.has_expired(now));
        let mut sessions: Vec<_> = active
            .map(|(id, row)| Session::new(id.clone(), row.label.clone(), row.authenticated_at, &row.current))
            .collect();
        sessions
            .sort_by(|one, other| (other.authenticated_at, &other.id).cmp(&(one.authenticated_at, &one.id)));
        sessions
    }

    fn revocations_since(&self, cursor: RevocationCursor) -> RevocationBatch {
        let is_new = |revocation: Revocation| match cursor {
            RevocationCursor::Time(time) => revocation.at >= time,
            RevocationCursor::Position(position) => revocation.position > position,
        };
        let new = self.sessions.iter().filter(|(_, row)| row.revocation.is_some_and(is_new));
        RevocationBatch::new(new.map(|(id, _)| id.clone()).collect(), self.position)
    }

    /// Removes the sessions that match, and returns how many they are.
    fn remove(&mut self, matches: impl Fn(&SessionRow) -> bool) -> u64 {
        let mut removed = 0_u64;
        for (id, row) in self.sessions.extract_if(|_, row| matches(row)) {
            removed = removed.saturating_add(1);
            if let Some(ids) = self.by_user.get_mut(&row.user) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_user.remove(&row.user);
                }
            }
        }
        removed
    }

    fn replace_stamp(&mut self, user: &UserId, previous: &str, security_stamp: &str) {
        for id in self.by_user.get(user).into_iter().flatten() {
            if let Some(row) = self.sessions.get_mut(id).filter(|row| row.security_stamp == previous) {
                security_stamp.clone_into(&mut row.security_stamp);
            }
        }
    }
}

impl SessionRow {
    /// Returns whether the session or its current token has expired.
    fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at.min(self.current.expires_at)
    }

    /// Returns whether the session has expired, and was not revoked less than `keep_revoked` ago.
    fn is_removable(&self, now: Timestamp, keep_revoked: Duration) -> bool {
        let is_kept = |revocation: Revocation| now < revocation.at.after(keep_revoked);
        self.has_expired(now) && !self.revocation.is_some_and(is_kept)
    }

    /// Returns whether the session has expired, and no guard accepts an access token of it if it was revoked.
    ///
    /// How long access tokens live is unknown here. None outlives the lifetime of its session, which no refresh extends.
    fn is_forgettable(&self, now: Timestamp) -> bool {
        match self.revocation {
            Some(_) => now >= self.expires_at.after(LONGEST_LEEWAY),
            None => self.has_expired(now),
        }
    }

    fn record(&self, now: Timestamp) -> SessionRecord {
        SessionRecord {
            current: self.current.clone(),
            previous: self.previous.clone(),
            since_rotation: Duration::from_secs(now.seconds().abs_diff(self.rotated_at.seconds())),
            security_stamp: self.security_stamp.clone(),
            expires_at: self.expires_at,
            is_revoked: self.revocation.is_some(),
        }
    }

    fn revoke(&mut self, last_position: &mut u64, at: Timestamp) {
        *last_position = last_position.saturating_add(1);
        self.revocation = Some(Revocation { position: *last_position, at });
    }
}

impl fmt::Debug for MemorySessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessions").finish_non_exhaustive()
    }
}

/// The longest `leeway` of a guard: an access token is accepted so long after its expiry.
const LONGEST_LEEWAY: Duration = Duration::from_hours(24);
