//! Sessions in the memory of the process.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::future::StoreFuture;
use crate::session::{
    NewSession, Record, RefreshTicket, RevocationBatch, RevocationCursor, RevokeTarget, Rotation,
    RotationOutcome, Session, SessionStore, Verdict,
};

/// Keeps sessions in the memory of the process, and loses them with it: what a handler uses unless it is given another
/// store. Clones share their sessions.
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
    table: Arc<Mutex<Table>>,
}

#[derive(Default)]
struct Table {
    sessions: HashMap<String, Row>,
    of_user: HashMap<UserId, HashSet<String>>,
    /// The number of the last end.
    position: u64,
    /// How many sessions there may be before those that are over are looked for.
    sweep_at: usize,
}

struct Row {
    user: UserId,
    label: Option<String>,
    authenticated_at: Timestamp,
    expires_at: Timestamp,
    current: RefreshTicket,
    previous: Option<String>,
    rotated_at: Timestamp,
    security_stamp: String,
    ended: Option<End>,
}

#[derive(Clone, Copy)]
struct End {
    position: u64,
    at: Timestamp,
}

impl MemorySessions {
    /// A store without sessions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does something at once and as a whole.
    fn at_once<'a, T>(&'a self, change: impl FnOnce(&mut Table) -> T + Send + 'a) -> StoreFuture<'a, T> {
        // Nothing in here panics; if it did, each row is whole all the same.
        Box::pin(async { Ok(change(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))) })
    }
}

impl SessionStore for MemorySessions {
    fn open(&self, session: NewSession) -> StoreFuture<'_, ()> {
        self.at_once(move |table| table.open(session))
    }

    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.at_once(move |table| table.rotate(&rotation))
    }

    fn revoke(&self, ending: RevokeTarget, now: Timestamp) -> StoreFuture<'_, Vec<String>> {
        self.at_once(move |table| table.revoke(&ending, now))
    }

    fn list(&self, user: UserId, now: Timestamp) -> StoreFuture<'_, Vec<Session>> {
        self.at_once(move |table| table.list(&user, now))
    }

    fn revocations_since(&self, since: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.at_once(move |table| table.revocations_since(since))
    }

    fn remove_expired(&self, now: Timestamp) -> StoreFuture<'_, u64> {
        self.at_once(move |table| table.remove_expired(now))
    }

    fn is_shared(&self) -> bool {
        false
    }
}

impl Table {
    fn open(&mut self, session: NewSession) {
        if self.sessions.len() >= self.sweep_at {
            self.remove_expired(session.authenticated_at);
            // Twice as many as are alive: what a sweep costs is shared by the logins since the last.
            self.sweep_at = self.sessions.len().saturating_mul(2).max(1024);
        }
        if let Some(former) = &session.previous_security_stamp {
            self.restamp(&session.user, former, &session.security_stamp);
        }
        self.of_user.entry(session.user.clone()).or_default().insert(session.id.clone());
        let row = Row {
            user: session.user,
            label: session.label,
            authenticated_at: session.authenticated_at,
            expires_at: session.expires_at,
            rotated_at: session.ticket.issued_at,
            current: session.ticket,
            previous: None,
            security_stamp: session.security_stamp,
            ended: None,
        };
        self.sessions.insert(session.id, row);
    }

    fn rotate(&mut self, rotation: &Rotation) -> RotationOutcome {
        let Some(row) = self.sessions.get_mut(&rotation.session) else {
            return RotationOutcome::Unknown;
        };
        match row.record(rotation.now).judge(rotation) {
            Verdict::Rotate => {
                let successor = rotation.successor_within(row.expires_at);
                row.previous = Some(mem::replace(&mut row.current, successor.clone()).id);
                row.rotated_at = rotation.now;
                RotationOutcome::Rotated(successor)
            }
            Verdict::End(outcome) => {
                row.revoke(&mut self.position, rotation.now);
                outcome
            }
            Verdict::Stay(outcome) => outcome,
        }
    }

    fn revoke(&mut self, ending: &RevokeTarget, now: Timestamp) -> Vec<String> {
        let (user, ids): (_, Vec<&String>) = match ending {
            RevokeTarget::Session { user, session } => (user, vec![session]),
            RevokeTarget::All { user } => (user, self.of_user.get(user).into_iter().flatten().collect()),
            RevokeTarget::Others { user, kept, security_stamp } => {
                if let Some(row) = self.sessions.get_mut(kept).filter(|row| row.user == *user) {
                    row.security_stamp.clone_from(security_stamp);
                }
                let ids = self.of_user.get(user).into_iter().flatten();
                (user, ids.filter(|id| *id != kept).collect())
            }
        };
        let mut ended = Vec::new();
        for id in ids {
            let row = self.sessions.get_mut(id).filter(|row| row.user == *user && row.ended.is_none());
            if let Some(row) = row {
                row.revoke(&mut self.position, now);
                ended.push(id.clone());
            }
        }
        ended
    }

    fn list(&self, user: &UserId, now: Timestamp) -> Vec<Session> {
        let rows =
            self.of_user.get(user).into_iter().flatten().filter_map(|id| Some((id, self.sessions.get(id)?)));
        let live = rows.filter(|(_, row)| row.ended.is_none() && row.is_current(now));
        let mut sessions: Vec<_> = live
            .map(|(id, row)| Session::new(id.clone(), row.label.clone(), row.authenticated_at, &row.current))
            .collect();
        sessions
            .sort_by(|one, other| (other.authenticated_at, &other.id).cmp(&(one.authenticated_at, &one.id)));
        sessions
    }

    fn revocations_since(&self, since: RevocationCursor) -> RevocationBatch {
        let is_new = |end: End| match since {
            RevocationCursor::Time(moment) => end.at >= moment,
            RevocationCursor::Position(position) => end.position > position,
        };
        let new = self.sessions.iter().filter(|(_, row)| row.ended.is_some_and(is_new));
        RevocationBatch::new(new.map(|(id, _)| id.clone()).collect(), self.position)
    }

    fn remove_expired(&mut self, now: Timestamp) -> u64 {
        let over = self.sessions.extract_if(|_, row| !row.is_current(now));
        let mut removed = 0_u64;
        for (id, row) in over {
            removed = removed.saturating_add(1);
            if let Some(ids) = self.of_user.get_mut(&row.user) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.of_user.remove(&row.user);
                }
            }
        }
        removed
    }

    fn restamp(&mut self, user: &UserId, former: &str, security_stamp: &str) {
        for id in self.of_user.get(user).into_iter().flatten() {
            if let Some(row) = self.sessions.get_mut(id).filter(|row| row.security_stamp == former) {
                security_stamp.clone_into(&mut row.security_stamp);
            }
        }
    }
}

impl Row {
    /// Whether its time, and that of its last token, is not over.
    fn is_current(&self, now: Timestamp) -> bool {
        now < self.expires_at.min(self.current.expires_at)
    }

    fn record(&self, now: Timestamp) -> Record {
        Record {
            current: self.current.clone(),
            previous: self.previous.clone(),
            since_rotation: Duration::from_secs(now.seconds().abs_diff(self.rotated_at.seconds())),
            security_stamp: self.security_stamp.clone(),
            expires_at: self.expires_at,
            has_ended: self.ended.is_some(),
        }
    }

    fn revoke(&mut self, last: &mut u64, at: Timestamp) {
        *last = last.saturating_add(1);
        self.ended = Some(End { position: *last, at });
    }
}

impl fmt::Debug for MemorySessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySessions").finish_non_exhaustive()
    }
}
