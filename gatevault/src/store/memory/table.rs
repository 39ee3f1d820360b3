//! The sessions and revocations of `MemorySessions`, under one lock.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;
use std::time::Duration;

use super::compact::CompactId;
use super::rows::{Owner, RecordedRevocation, RevocationPart, SessionRow, UserIndex, owner_of};
use super::spent::SpentTokens;
use super::sweep::SweepCursor;
use crate::clock::Timestamp;
use crate::session::{
    EvaluateSession as _, FindSession, ListSessions, NewSession, Revocation, RevokeSessions, RevokeTarget,
    Rotation, RotationOutcome, Session, StepUp, StoredSession, Verdict,
};
use crate::store::segmented_map::SegmentedMap;

/// A table of sessions and revocations. A method takes time for what it returns or changes, and for a bounded part of a
/// sweep, however much is stored.
#[derive(Default)]
pub(super) struct SessionTable {
    pub(super) sessions: SegmentedMap<CompactId, SessionRow>,
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
        let owner = owner_of(session.pool.clone(), session.user.clone());
        if let Some(previous) = &session.previous_security_stamp {
            self.replace_stamp(&owner, previous, &session.security_stamp);
        }
        let (id, limit) = (CompactId::from(&*session.id), session.limit);
        self.by_user.insert(owner.clone(), id.clone());
        self.sessions.insert(id.clone(), SessionRow::new(session));
        limit.map_or_else(Vec::new, |limit| self.enforce_limit(&owner, &id, limit, now))
    }

    /// Revokes the user's oldest logins above the limit, but not the session `newest`.
    ///
    /// The user's sessions that expired a day ago are removed here, so that no later login visits them. Until then, a refresh may
    /// come within the leeway of its manager.
    fn enforce_limit(
        &mut self,
        owner: &Owner,
        newest: &CompactId,
        limit: usize,
        now: Timestamp,
    ) -> Vec<String> {
        let a_day_ago = now.before(Revocation::LONGEST_LEEWAY);
        let expired = self.of_user(owner).filter(|(id, row)| row.has_expired(a_day_ago) && *id != newest);
        for id in expired.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.sessions.remove(&id);
            self.by_user.remove(owner, &id);
        }
        let is_login =
            |id: &CompactId, row: &SessionRow| row.is_login() && (!row.has_expired(now) || id == newest);
        let logins = self.of_user(owner).filter(|(id, row)| is_login(id, row));
        let mut logins: Vec<_> =
            logins.map(|(id, row)| (id == newest, row.authenticated_at(), id.string(), id.clone())).collect();
        logins.sort_unstable();
        let excess = logins.len().saturating_sub(limit.max(1));
        logins.truncate(excess);
        let revoked = logins.into_iter().filter(|(.., id)| self.revoke_session(id, now));
        revoked.map(|(_, _, string, _)| string).collect()
    }

    pub(super) fn rotate(&mut self, rotation: Rotation) -> RotationOutcome {
        let id = CompactId::from(&*rotation.session);
        let found = self.sessions.get_mut(&id);
        let Some(row) = found.filter(|row| row.owner.0.as_deref() == rotation.pool.as_deref()) else {
            return RotationOutcome::Unknown;
        };
        match row.evaluate(&rotation) {
            Verdict::Rotate => RotationOutcome::Rotated(row.rotate(rotation.successor, rotation.now)),
            Verdict::Revoke(outcome) => self.revoke_for(outcome, &id, rotation.now),
            Verdict::Keep(outcome) => outcome,
        }
    }

    pub(super) fn step_up(&mut self, mut request: StepUp) -> RotationOutcome {
        let id = CompactId::from(&*request.session);
        let owner = owner_of(request.pool.take(), request.user.clone());
        let Some(row) = self.sessions.get_mut(&id).filter(|row| row.owner == owner) else {
            return RotationOutcome::Unknown;
        };
        match row.evaluate_step_up(&request) {
            Verdict::Rotate => RotationOutcome::Rotated(row.step_up(request)),
            Verdict::Revoke(outcome) => self.revoke_for(outcome, &id, request.now),
            Verdict::Keep(outcome) => outcome,
        }
    }

    /// Revokes the session for the reason that the outcome names.
    fn revoke_for(&mut self, outcome: RotationOutcome, id: &CompactId, now: Timestamp) -> RotationOutcome {
        self.revoke_session(id, now);
        outcome
    }

    pub(super) fn find(&self, request: &FindSession) -> Option<StoredSession> {
        let row = self.sessions.get(&CompactId::from(&*request.session))?;
        let is_active = !row.is_revoked() && !row.has_expired(request.now);
        (is_active && row.owner.0.as_deref() == request.pool.as_deref()).then(|| row.stored())
    }

    pub(super) fn revoke(&mut self, request: RevokeSessions) -> Vec<String> {
        let owner = owner_of(request.pool, request.user);
        let ids = match request.target {
            RevokeTarget::One(session) => HashSet::from([(&*session).into()]),
            RevokeTarget::All => self.by_user.ids(&owner).cloned().collect(),
            RevokeTarget::Logins => self.logins_of(&owner),
            RevokeTarget::Others { kept, security_stamp } => {
                let kept = CompactId::from(&*kept);
                let kept_row = self.sessions.get_mut(&kept).filter(|row| row.owner == owner);
                if let Some(row) = kept_row.filter(|row| row.is_login()) {
                    row.set_security_stamp(&security_stamp);
                }
                let mut others = self.logins_of(&owner);
                others.remove(&kept);
                others
            }
        };
        let is_owned =
            |table: &Self, id: &CompactId| table.sessions.get(id).is_some_and(|row| row.owner == owner);
        let revoked = ids.iter().filter(|id| is_owned(self, id) && self.revoke_session(id, request.now));
        revoked.map(CompactId::string).collect()
    }

    /// Returns the ids of the user's sessions of the kind `Login` that have not ended.
    fn logins_of(&self, owner: &Owner) -> HashSet<CompactId> {
        let logins = self.of_user(owner).filter(|(_, row)| row.is_login());
        logins.map(|(id, _)| id.clone()).collect()
    }

    /// Revokes the session if it was not revoked before. Returns whether it did.
    fn revoke_session(&mut self, id: &CompactId, now: Timestamp) -> bool {
        let Some(row) = self.sessions.get_mut(id).filter(|row| !row.is_revoked()) else { return false };
        row.revoke(now.after(ENDED_KEPT_FOR));
        // How long access tokens live is unknown here. None outlives the lifetime of its session, which no refresh extends.
        let needed_until = row.expires_at().after(Revocation::LONGEST_LEEWAY);
        self.by_user.remove(&row.owner, id);
        self.record(Revocation::of_session(id.string()), now, needed_until);
        true
    }

    pub(super) fn record(&mut self, revocation: Revocation, at: Timestamp, needed_until: Timestamp) {
        self.position = self.position.saturating_add(1);
        self.revocations.insert(self.position, RecordedRevocation { revocation, at, needed_until });
    }

    /// Returns the user's sessions that have not ended. Some may have expired.
    fn of_user(&self, owner: &Owner) -> impl Iterator<Item = (&CompactId, &SessionRow)> {
        self.by_user.ids(owner).filter_map(|id| Some((id, self.sessions.get(id)?)))
    }

    pub(super) fn list(&self, request: ListSessions) -> Vec<Session> {
        let owner = owner_of(request.pool, request.user);
        let active = self.of_user(&owner).filter(|(_, row)| !row.has_expired(request.now));
        let mut sessions: Vec<_> = active.map(|(id, row)| row.listed(id)).collect();
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
            let row = self.sessions.get_mut(id).filter(|row| row.is_login());
            if let Some(row) = row.filter(|row| row.has_security_stamp(previous)) {
                row.set_security_stamp(security_stamp);
            }
        }
    }
}

/// The longest time for which an ended session is kept, so that a late refresh returns `Revoked` instead of `Unknown`.
pub(super) const ENDED_KEPT_FOR: Duration = Duration::from_hours(1);

/// The most revocations that an operation visits before it releases the lock.
pub(super) const PART_LEN: usize = 256;
