//! The sessions and revocations of `MemorySessions`, under one lock.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::rows::{Owner, RecordedRevocation, RevocationPart, SessionRow, UserIndex};
use super::spent::SpentTokens;
use super::sweep::SweepCursor;
use crate::clock::Timestamp;
use crate::session::{
    ActiveSession, FindSession, ListSessions, NewSession, Revocation, RevokeSessions, RevokeTarget, Rotation,
    RotationOutcome, Session, SessionRecord, StepUp, StoredSession, Verdict,
};
use crate::store::segmented_map::SegmentedMap;

/// A table of sessions and revocations. A method takes time for what it returns or changes, and for a bounded part of a
/// sweep, however much is stored.
#[derive(Default)]
pub(super) struct SessionTable {
    pub(super) sessions: SegmentedMap<Arc<str>, SessionRow>,
    /// The sessions of each user that have not ended. Some may have expired.
    pub(super) by_user: UserIndex,
    /// The revocations, by their numbers.
    pub(super) revocations: BTreeMap<u64, RecordedRevocation>,
    /// The number of the last revocation.
    position: u64,
    pub(super) spent: SpentTokens,
    /// The number of sessions at which the next login begins to remove the expired ones.
    pub(super) sweep_at: usize,
    /// The sweep that the next login continues.
    pub(super) sweep: Option<SweepCursor>,
}

impl SessionTable {
    pub(super) fn open(&mut self, session: NewSession) -> Vec<String> {
        let now = session.ticket.issued_at;
        self.continue_sweep(now);
        let owner = (session.pool.clone(), session.user.clone());
        if let Some(previous) = &session.previous_security_stamp {
            self.replace_stamp(&owner, previous, &session.security_stamp);
        }
        let (id, limit): (Arc<str>, _) = (session.id.as_str().into(), session.limit);
        self.by_user.insert(owner.clone(), Arc::clone(&id));
        self.sessions.insert(Arc::clone(&id), SessionRow::new(session));
        limit.map_or_else(Vec::new, |limit| self.enforce_limit(&owner, &id, limit, now))
    }

    /// Revokes the user's oldest logins above the limit, but not the session `newest`.
    ///
    /// The user's sessions that expired a day ago are removed here, so that no later login visits them. Until then, a refresh may
    /// come within the leeway of its manager.
    fn enforce_limit(&mut self, owner: &Owner, newest: &str, limit: usize, now: Timestamp) -> Vec<String> {
        let a_day_ago = now.before(Revocation::LONGEST_LEEWAY);
        let expired = self.of_user(owner).filter(|(id, row)| row.has_expired(a_day_ago) && &***id != newest);
        for id in expired.map(|(id, _)| Arc::clone(id)).collect::<Vec<_>>() {
            self.sessions.remove(&id);
            self.by_user.remove(owner, &id);
        }
        let is_login = |id: &str, row: &SessionRow| row.is_login() && (!row.has_expired(now) || id == newest);
        let logins = self.of_user(owner).filter(|(id, row)| is_login(id, row));
        let mut logins: Vec<_> = logins
            .map(|(id, row)| (&**id == newest, row.record.details.authenticated_at, id.to_string()))
            .collect();
        logins.sort_unstable();
        let excess = logins.len().saturating_sub(limit.max(1));
        logins.truncate(excess);
        logins.into_iter().filter(|(_, _, id)| self.revoke_session(id, now)).map(|(_, _, id)| id).collect()
    }

    pub(super) fn rotate(&mut self, rotation: &Rotation) -> RotationOutcome {
        let found = self.sessions.get_mut(&*rotation.session);
        let Some(row) = found.filter(|row| row.owner.0 == rotation.pool) else {
            return RotationOutcome::Unknown;
        };
        let verdict = row.record_at(rotation.now).evaluate(rotation);
        match verdict {
            Verdict::Rotate => rotate_row(row, row.record.rotated(rotation), rotation.now),
            Verdict::Revoke(outcome) => self.revoke_for(outcome, &rotation.session, rotation.now),
            Verdict::Keep(outcome) => outcome,
        }
    }

    pub(super) fn step_up(&mut self, request: &StepUp) -> RotationOutcome {
        let found = self.sessions.get_mut(&*request.session);
        let Some(row) = found.filter(|row| row.owner.0 == request.pool && row.owner.1 == request.user) else {
            return RotationOutcome::Unknown;
        };
        let verdict = row.record_at(request.now).evaluate_step_up(request);
        match verdict {
            Verdict::Rotate => rotate_row(row, row.record.stepped_up(request), request.now),
            Verdict::Revoke(outcome) => self.revoke_for(outcome, &request.session, request.now),
            Verdict::Keep(outcome) => outcome,
        }
    }

    /// Revokes the session for the reason that the outcome names.
    fn revoke_for(&mut self, outcome: RotationOutcome, id: &str, now: Timestamp) -> RotationOutcome {
        self.revoke_session(id, now);
        outcome
    }

    pub(super) fn find(&self, request: &FindSession) -> Option<StoredSession> {
        let row = self.sessions.get(&*request.session)?;
        let is_active = !row.record.is_revoked && !row.has_expired(request.now);
        (is_active && row.owner.0 == request.pool).then(|| row.stored())
    }

    pub(super) fn revoke(&mut self, request: RevokeSessions) -> Vec<String> {
        let owner = (request.pool, request.user);
        let all = |table: &Self| table.by_user.ids(&owner).map(ToString::to_string).collect::<HashSet<_>>();
        let ids = match request.target {
            RevokeTarget::One(session) => HashSet::from([session]),
            RevokeTarget::All => all(self),
            RevokeTarget::Logins => self.logins_of(&owner),
            RevokeTarget::Others { kept, security_stamp } => {
                let kept_row = self.sessions.get_mut(&*kept).filter(|row| row.owner == owner);
                if let Some(row) = kept_row.filter(|row| row.is_login()) {
                    row.record.security_stamp = security_stamp;
                }
                let mut others = self.logins_of(&owner);
                others.remove(&kept);
                others
            }
        };
        let is_owned = |table: &Self, id: &str| table.sessions.get(id).is_some_and(|row| row.owner == owner);
        ids.into_iter().filter(|id| is_owned(self, id) && self.revoke_session(id, request.now)).collect()
    }

    /// Returns the ids of the user's sessions of the kind `Login` that have not ended.
    fn logins_of(&self, owner: &Owner) -> HashSet<String> {
        let logins = self.of_user(owner).filter(|(_, row)| row.is_login());
        logins.map(|(id, _)| id.to_string()).collect()
    }

    /// Revokes the session if it was not revoked before. Returns whether it did.
    fn revoke_session(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(row) = self.sessions.get_mut(id).filter(|row| !row.record.is_revoked) else { return false };
        let SessionRecord { current, is_revoked, expires_at, .. } = &mut row.record;
        *is_revoked = true;
        current.expires_at = current.expires_at.min(now.after(ENDED_KEPT_FOR));
        // How long access tokens live is unknown here. None outlives the lifetime of its session, which no refresh extends.
        let needed_until = expires_at.after(Revocation::LONGEST_LEEWAY);
        self.by_user.remove(&row.owner, id);
        self.record(Revocation::of_session(id), now, needed_until);
        true
    }

    pub(super) fn record(&mut self, revocation: Revocation, at: Timestamp, needed_until: Timestamp) {
        self.position = self.position.saturating_add(1);
        self.revocations.insert(self.position, RecordedRevocation { revocation, at, needed_until });
    }

    /// Returns the user's sessions that have not ended. Some may have expired.
    fn of_user(&self, owner: &Owner) -> impl Iterator<Item = (&Arc<str>, &SessionRow)> {
        self.by_user.ids(owner).filter_map(|id| Some((id, self.sessions.get(&**id)?)))
    }

    pub(super) fn list(&self, request: ListSessions) -> Vec<Session> {
        let owner = (request.pool, request.user);
        let active = self.of_user(&owner).filter(|(_, row)| !row.has_expired(request.now));
        let mut sessions: Vec<_> = active
            .map(|(id, row)| {
                let SessionRecord { current, details, .. } = &row.record;
                Session::new(id.to_string(), row.label.clone(), current, details.clone())
            })
            .collect();
        sessions
            .sort_by(|one, other| (other.authenticated_at, &other.id).cmp(&(one.authenticated_at, &one.id)));
        sessions
    }

    /// Returns the first revocations after the position, except those before `since`.
    pub(super) fn part_of_revocations(&self, after: u64, since: Timestamp) -> RevocationPart {
        let later = self.revocations.range((Bound::Excluded(after), Bound::Unbounded)).take(PART_LEN);
        let (mut revocations, mut visited, mut position) = (Vec::new(), 0_usize, after);
        for (number, recorded) in later {
            (visited, position) = (visited.saturating_add(1), *number);
            revocations.extend((recorded.at >= since).then(|| recorded.revocation.clone()));
        }
        let is_last = visited < PART_LEN;
        RevocationPart { revocations, position: if is_last { self.position } else { position }, is_last }
    }

    /// Replaces the previous stamp of the user's logins. Keys do not depend on the password.
    fn replace_stamp(&mut self, owner: &Owner, previous: &str, security_stamp: &str) {
        for id in self.by_user.ids(owner) {
            let row = self.sessions.get_mut(&**id).filter(|row| row.is_login());
            if let Some(row) = row.filter(|row| row.record.security_stamp == previous) {
                security_stamp.clone_into(&mut row.record.security_stamp);
            }
        }
    }
}

fn rotate_row(row: &mut SessionRow, active: ActiveSession, now: Timestamp) -> RotationOutcome {
    row.rotate_to(&active, now);
    RotationOutcome::Rotated(active)
}

/// The longest time for which an ended session is kept, so that a late refresh returns `Revoked` instead of `Unknown`.
pub(super) const ENDED_KEPT_FOR: Duration = Duration::from_hours(1);

/// The most revocations that an operation visits before it releases the lock.
pub(super) const PART_LEN: usize = 256;
