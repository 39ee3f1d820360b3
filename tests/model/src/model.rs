//! `Model`: the sessions of a store as a list.

use std::collections::BTreeSet;
use std::time::Duration;

use gatevault::session::{
    NewRevocation, NewSession, Revocation, RevokeSessions, RevokeTarget, Rotation, RotationOutcome, StepUp,
};
use gatevault::{Session, Timestamp, UserId};

use crate::mismatch::{Checked, Mismatch, ensure, ensure_eq};
use crate::request::{Outcome, Request};
use crate::revocations::Revocations;
use crate::row::Row;

/// A store by the rules that `SessionStore` documents, without an index.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Every session that was opened, in that order.
    pub rows: Vec<Row>,
    pub(crate) revocations: Revocations,
    /// The time by which the clock of the store may be ahead.
    pub(crate) drift: Duration,
}

impl Model {
    /// Returns the revocations that were recorded.
    pub fn revocations(&self) -> impl Iterator<Item = &Revocation> {
        self.revocations.recorded.iter().map(|recorded| &recorded.revocation)
    }

    /// Applies a request, and compares its outcome.
    pub(crate) fn apply(&mut self, request: &Request, outcome: &Outcome) -> Checked {
        match (request, outcome) {
            (Request::Open(session), Outcome::Revoked(ended)) => {
                let ended: BTreeSet<_> = ended.iter().cloned().collect();
                let expected = self.open(session.clone()).into_iter().collect();
                ensure_eq(&ended, &expected, "the sessions that the limit ends")
            }
            (Request::Rotate(request), Outcome::Rotation(outcome)) => {
                self.compare(&request.session, request.now, outcome, |model| model.rotate(request))
            }
            (Request::StepUp(request), Outcome::Rotation(outcome)) => {
                self.compare(&request.session, request.now, outcome, |model| model.step_up(request))
            }
            (Request::Revoke(request), Outcome::Revoked(revoked)) => self.revoke(request, revoked),
            (Request::Spend(request), Outcome::Spent(is_first)) => self.revocations.spend(request, *is_first),
            (Request::Record(request), Outcome::Done) => {
                self.revocations.record(request);
                Ok(())
            }
            (Request::RemoveExpired(request), Outcome::Done) => {
                self.revocations.remove_expired(request, self.drift);
                Ok(())
            }
            _ => Err(Mismatch::new("an outcome of another request")),
        }
    }

    /// Adds a session. Returns the ids of those that the limit ends.
    fn open(&mut self, session: NewSession) -> Vec<String> {
        let (now, limit, newest) = (session.ticket.issued_at, session.limit, session.id.clone());
        let (pool, user) = (session.pool.clone(), session.user.clone());
        if let Some(previous) = &session.previous_security_stamp {
            let is_meant = |row: &&mut Row| row.is_of(pool.as_deref(), &user) && row.is_login();
            let logins = self.rows.iter_mut().filter(is_meant);
            logins
                .filter(|row| row.revoked_at.is_none() && row.stamp == *previous)
                .for_each(|row| row.stamp.clone_from(&session.security_stamp));
        }
        self.rows.push(Row::new(session));
        let Some(limit) = limit else { return Vec::new() };
        let is_counted = |row: &&Row| {
            row.is_of(pool.as_deref(), &user) && row.is_login() && (row.is_active(now) || row.id == newest)
        };
        // Of two logins in the same second, the one with the lower id is the older one.
        let mut logins: Vec<_> = self.rows.iter().filter(is_counted).collect();
        logins.sort_by_key(|row| (row.id == newest, row.details.authenticated_at, row.id.clone()));
        let excess = logins.len().saturating_sub(limit.max(1));
        let ended: Vec<_> = logins.into_iter().take(excess).map(|row| row.id.clone()).collect();
        for id in &ended {
            self.end(id, now);
        }
        ended
    }

    fn rotate(&mut self, request: &Rotation) -> RotationOutcome {
        let now = request.now;
        let is_meant = |row: &&mut Row| row.pool == request.pool && !row.is_removed;
        let found = self.rows.iter_mut().find(|row| row.id == request.session);
        let Some(row) = found.filter(is_meant) else { return RotationOutcome::Unknown };
        if row.revoked_at.is_some() {
            return RotationOutcome::Revoked;
        }
        if now >= row.expires_at {
            return RotationOutcome::Expired;
        }
        if row.stamp != request.security_stamp {
            self.end(&request.session, now);
            return RotationOutcome::Outdated;
        }
        if row.ticket.id == request.presented {
            return RotationOutcome::Rotated(row.replace_token(request.successor.clone(), now));
        }
        if row.is_in_grace(&request.presented, request.grace, now) {
            return RotationOutcome::Current(row.active());
        }
        self.end(&request.session, now);
        RotationOutcome::Reused
    }

    fn step_up(&mut self, request: &StepUp) -> RotationOutcome {
        let now = request.now;
        let is_meant = |row: &&mut Row| {
            row.is_of(request.pool.as_deref(), &request.user) && row.is_login() && !row.is_removed
        };
        let found = self.rows.iter_mut().find(|row| row.id == request.session);
        let Some(row) = found.filter(is_meant) else { return RotationOutcome::Unknown };
        if row.revoked_at.is_some() {
            return RotationOutcome::Revoked;
        }
        if !row.is_active(now) {
            return RotationOutcome::Expired;
        }
        if row.stamp != request.security_stamp {
            self.end(&request.session, now);
            return RotationOutcome::Outdated;
        }
        (row.details.acr, row.details.amr) = (request.acr.clone(), request.amr.clone());
        row.details.authenticated_at = now;
        RotationOutcome::Rotated(row.replace_token(request.successor.clone(), now))
    }

    /// Compares the outcome of a request for a session. One that may have been removed may be unknown, and then stays so. If it is
    /// removed between the two steps of a store that evaluates a token and then revokes the session, it counts as revoked.
    fn compare(
        &mut self,
        session: &str,
        now: Timestamp,
        outcome: &RotationOutcome,
        apply: impl FnOnce(&mut Self) -> RotationOutcome,
    ) -> Checked {
        let mut after = self.clone();
        let expected = apply(&mut after);
        let row = self.rows.iter_mut().find(|row| row.id == session && row.may_be_removed(now));
        let would_end = [RotationOutcome::Reused, RotationOutcome::Outdated].contains(&expected);
        let is_of_removed = match outcome {
            RotationOutcome::Unknown => expected != *outcome,
            RotationOutcome::Revoked => would_end,
            _ => false,
        };
        if let Some(row) = row.filter(|_| is_of_removed) {
            row.is_removed = true;
            return Ok(());
        }
        *self = after;
        ensure_eq(outcome, &expected, session)
    }

    /// Revokes sessions. The store names those that it revoked: of those that have expired, it may have removed some.
    fn revoke(&mut self, request: &RevokeSessions, revoked: &[String]) -> Checked {
        let is_owned = |row: &Row| row.is_of(request.pool.as_deref(), &request.user);
        let others = revoked.iter().filter(|id| !self.rows.iter().any(|row| row.id == **id && is_owned(row)));
        let others: Vec<_> = others.collect();
        ensure(others.is_empty(), || format!("{others:?} were revoked, which are not the user's"))?;
        for index in 0..self.rows.len() {
            let row = &mut self.rows[index];
            if !is_owned(row) {
                continue;
            }
            let is_meant = match &request.target {
                RevokeTarget::One(id) => row.id == *id,
                RevokeTarget::All => true,
                RevokeTarget::Logins => row.is_login(),
                RevokeTarget::Others { kept, security_stamp } => {
                    if row.id == *kept && row.is_login() {
                        row.stamp.clone_from(security_stamp);
                    }
                    row.is_login() && row.id != *kept
                }
            };
            let id = row.id.clone();
            let can_end = is_meant && row.revoked_at.is_none() && !row.is_removed;
            let is_named = revoked.contains(&id);
            ensure(!is_named || can_end, || format!("{id} was revoked and should not have been"))?;
            ensure(is_named || !is_meant || !row.is_active(request.now), || format!("{id} was not revoked"))?;
            row.is_removed |= can_end && !is_named;
            if is_named {
                self.end(&id, request.now);
            }
        }
        Ok(())
    }

    /// Revokes a session, and records the revocation.
    fn end(&mut self, id: &str, now: Timestamp) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            row.revoked_at = Some(now);
            self.revocations.record(&NewRevocation::new(Revocation::of_session(id), now));
        }
    }

    /// Returns the active sessions of a user, the newest login first.
    pub(crate) fn list(&self, pool: Option<&str>, user: &UserId, now: Timestamp) -> Vec<Session> {
        let mut active: Vec<_> =
            self.rows.iter().filter(|row| row.is_of(pool, user) && row.is_active(now)).collect();
        active.sort_by_key(|row| (row.details.authenticated_at, row.id.clone()));
        active.into_iter().rev().map(Row::listed).collect()
    }
}
