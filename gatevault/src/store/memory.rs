//! `MemorySessions`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::mem;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use super::memory_rows::{Owner, RecordedRevocation, SessionRow};
use crate::clock::Timestamp;
use crate::future::StoreFuture;
use crate::session::{
    ListSessions, NewRevocation, NewSession, RemoveExpired, Revocation, RevocationBatch, RevocationCursor,
    RevocationKind, RevokeSessions, RevokeTarget, Rotation, RotationOutcome, Session, SessionKind,
    SessionStore, Verdict,
};

/// A session store in the memory of the process, which loses its sessions when the process ends.
///
/// A handler uses it unless another store is set. Clones share their sessions.
///
/// # Security
///
/// The revocations are lost as well. If the process restarts with the same key, an access token of a session that a logout
/// has ended is accepted again until it expires. A refresh token is not, since its session is unknown.
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
    by_user: HashMap<Owner, HashSet<String>>,
    /// The revocations, by their numbers.
    revocations: BTreeMap<u64, RecordedRevocation>,
    /// The number of the last revocation.
    position: u64,
    /// The number of sessions at which the next login removes the expired ones.
    sweep_at: usize,
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
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        self.locked(move |table| table.open(session))
    }

    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.locked(move |table| table.rotate(&rotation))
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
        self.locked(move |table| table.revocations_since(cursor))
    }

    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
        let RemoveExpired { now, keep_revoked, .. } = request;
        self.locked(move |table| {
            table.remove_expired(now, |recorded| {
                now >= recorded.at.after(keep_revoked) && !recorded.revocation.is_of_unexpired_token(now)
            })
        })
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl SessionTable {
    fn open(&mut self, session: NewSession) -> Vec<String> {
        let now = session.ticket.issued_at;
        if self.sessions.len() >= self.sweep_at {
            self.remove_expired(now, |recorded| now >= recorded.needed_until);
            // At twice the number of active sessions, the cost of a sweep is amortized over the logins since the last one.
            self.sweep_at = self.sessions.len().saturating_mul(2).max(1024);
        }
        let owner = (session.pool, session.user);
        if let Some(previous) = &session.previous_security_stamp {
            self.replace_stamp(&owner, previous, &session.security_stamp);
        }
        self.by_user.entry(owner.clone()).or_default().insert(session.id.clone());
        let row = SessionRow {
            owner: owner.clone(),
            label: session.label,
            expires_at: session.expires_at,
            rotated_at: session.ticket.issued_at,
            current: session.ticket,
            previous: None,
            security_stamp: session.security_stamp,
            is_revoked: false,
            details: session.details,
        };
        self.sessions.insert(session.id.clone(), row);
        session.limit.map_or_else(Vec::new, |limit| self.enforce_limit(&owner, &session.id, limit, now))
    }

    /// Revokes the user's oldest logins above the limit, but not the session `newest`.
    fn enforce_limit(&mut self, owner: &Owner, newest: &str, limit: usize, now: Timestamp) -> Vec<String> {
        let active = self.active_of(owner, now).filter(|(_, row)| row.details.kind == SessionKind::Login);
        let mut logins: Vec<_> =
            active.map(|(id, row)| (id == newest, row.details.authenticated_at, id.clone())).collect();
        logins.sort_unstable();
        let excess = logins.len().saturating_sub(limit.max(1));
        logins.truncate(excess);
        logins.into_iter().filter(|(_, _, id)| self.revoke_session(id, now)).map(|(_, _, id)| id).collect()
    }

    fn rotate(&mut self, rotation: &Rotation) -> RotationOutcome {
        let found = self.sessions.get_mut(&rotation.session);
        let Some(row) = found.filter(|row| row.owner.0 == rotation.pool) else {
            return RotationOutcome::Unknown;
        };
        let record = row.record(rotation.now);
        match record.evaluate(rotation) {
            Verdict::Rotate => {
                let active = record.rotated(rotation);
                row.previous = Some(mem::replace(&mut row.current, active.ticket.clone()).id);
                row.rotated_at = rotation.now;
                RotationOutcome::Rotated(active)
            }
            Verdict::Revoke(outcome) => {
                self.revoke_session(&rotation.session, rotation.now);
                outcome
            }
            Verdict::Keep(outcome) => outcome,
        }
    }

    fn revoke(&mut self, request: RevokeSessions) -> Vec<String> {
        let owner = (request.pool, request.user);
        let all = |table: &Self| table.by_user.get(&owner).cloned().unwrap_or_default();
        let ids = match request.target {
            RevokeTarget::One(session) => HashSet::from([session]),
            RevokeTarget::All => all(self),
            RevokeTarget::Others { kept, security_stamp } => {
                if let Some(row) = self.sessions.get_mut(&kept).filter(|row| row.owner == owner) {
                    row.security_stamp = security_stamp;
                }
                all(self).into_iter().filter(|id| *id != kept).collect()
            }
        };
        let is_owned = |table: &Self, id: &str| table.sessions.get(id).is_some_and(|row| row.owner == owner);
        ids.into_iter().filter(|id| is_owned(self, id) && self.revoke_session(id, request.now)).collect()
    }

    /// Revokes the session if it was not revoked before. Returns whether it did.
    fn revoke_session(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(row) = self.sessions.get_mut(id).filter(|row| !row.is_revoked) else { return false };
        row.is_revoked = true;
        // How long access tokens live is unknown here. None outlives the lifetime of its session, which no refresh extends.
        let needed_until = row.expires_at.after(Revocation::LONGEST_LEEWAY);
        self.record(Revocation::of_session(id), now, needed_until);
        true
    }

    fn record(&mut self, revocation: Revocation, at: Timestamp, needed_until: Timestamp) {
        self.position = self.position.saturating_add(1);
        self.revocations.insert(self.position, RecordedRevocation { revocation, at, needed_until });
    }

    fn active_of(&self, owner: &Owner, now: Timestamp) -> impl Iterator<Item = (&String, &SessionRow)> {
        let ids = self.by_user.get(owner).into_iter().flatten();
        let rows = ids.filter_map(|id| Some((id, self.sessions.get(id)?)));
        rows.filter(move |(_, row)| !row.is_revoked && !row.has_expired(now))
    }

    fn list(&self, request: ListSessions) -> Vec<Session> {
        let owner = (request.pool, request.user);
        let mut sessions: Vec<_> = self
            .active_of(&owner, request.now)
            .map(|(id, row)| Session::new(id.clone(), row.label.clone(), &row.current, row.details.clone()))
            .collect();
        sessions
            .sort_by(|one, other| (other.authenticated_at, &other.id).cmp(&(one.authenticated_at, &one.id)));
        sessions
    }

    fn revocations_since(&self, cursor: RevocationCursor) -> RevocationBatch {
        let (after, since) = match cursor {
            RevocationCursor::Time(time) => (0, time),
            RevocationCursor::Position(position) => (position, Timestamp::FIRST_SECOND),
        };
        let later = self.revocations.range((Bound::Excluded(after), Bound::Unbounded));
        let new = later.filter(|(_, recorded)| recorded.at >= since);
        RevocationBatch::new(new.map(|(_, recorded)| recorded.revocation.clone()).collect(), self.position)
    }

    /// Removes the expired sessions, and the revocations that match. Returns the number of sessions.
    fn remove_expired(&mut self, now: Timestamp, is_old: impl Fn(&RecordedRevocation) -> bool) -> u64 {
        self.revocations.retain(|_, recorded| !is_old(recorded));
        let mut removed = 0_u64;
        for (id, row) in self.sessions.extract_if(|_, row| row.has_expired(now)) {
            removed = removed.saturating_add(1);
            if let Some(ids) = self.by_user.get_mut(&row.owner) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.by_user.remove(&row.owner);
                }
            }
        }
        removed
    }

    fn replace_stamp(&mut self, owner: &Owner, previous: &str, security_stamp: &str) {
        for id in self.by_user.get(owner).into_iter().flatten() {
            if let Some(row) = self.sessions.get_mut(id).filter(|row| row.security_stamp == previous) {
                security_stamp.clone_into(&mut row.security_stamp);
            }
        }
    }
}

impl fmt::Debug for MemorySessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessions").finish_non_exhaustive()
    }
}
