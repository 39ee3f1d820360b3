//! A store as its contract describes it, without an index: each operation visits all rows.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use super::*;
use crate::session::SessionKind;
use crate::store::memory::table::ENDED_KEPT_FOR;

pub(super) type ModelOwner = (Option<String>, UserId);

#[derive(Clone)]
pub(super) struct ModelRow {
    pub(super) owner: ModelOwner,
    pub(super) session: NewSession,
    /// All tickets, the newest last.
    pub(super) tickets: Vec<RefreshTicket>,
    rotated_at: u64,
    pub(super) stamp: String,
    ended_at: Option<u64>,
}

impl ModelRow {
    fn push(&mut self, successor: &RefreshTicket, now: u64) {
        let own = self.session.details.refresh_lifetime.map(|own| successor.issued_at.after(own));
        let expires_at = own.unwrap_or(successor.expires_at).min(self.session.expires_at);
        let ticket = RefreshTicket { expires_at, ..successor.clone() };
        if self.current().id == ticket.id {
            self.tickets.pop();
        } else {
            self.rotated_at = now;
        }
        self.tickets.push(ticket);
    }

    pub(super) fn current(&self) -> &RefreshTicket {
        self.tickets.last().unwrap()
    }

    fn expires_at(&self) -> Timestamp {
        self.session.expires_at.min(self.current().expires_at)
    }

    fn is_login(&self) -> bool {
        self.session.details.kind == SessionKind::Login
    }

    pub(super) fn is_active(&self, now: u64) -> bool {
        self.ended_at.is_none() && at(now) < self.expires_at()
    }

    /// Returns the earliest time at which the store may remove the row.
    pub(super) fn removable_at(&self) -> Timestamp {
        let ended = self.ended_at.map_or(Timestamp::LAST_SECOND, |ended| at(ended).after(ENDED_KEPT_FOR));
        self.expires_at().min(ended)
    }
}

/// A store as its contract describes it. It removes a row when the store under test has removed it and may do so.
#[derive(Default)]
pub(super) struct Model {
    pub(super) rows: Vec<ModelRow>,
    /// The position, the id, and the earliest time at which the store may remove the revocation.
    pub(super) revocations: Vec<(u64, String, u64, Timestamp)>,
    pub(super) position: u64,
    /// The spent tokens, and the earliest time at which the store may remove each.
    pub(super) spent: BTreeMap<String, Timestamp>,
    latest: u64,
}

impl Model {
    pub(super) fn sync(&mut self, store: &MemorySessions, now: u64) {
        self.latest = self.latest.max(now);
        let (latest, table) = (at(self.latest), store.table());
        self.rows.retain(|row| {
            let is_there = table.sessions.get(&row.session.id.as_str().into()).is_some();
            assert!(is_there || latest >= row.removable_at(), "{} is gone", row.session.id);
            is_there
        });
        assert_eq!(self.rows.len(), table.sessions.len());
        self.revocations.retain(|(position, id, _, needed_until)| {
            let is_there = table.revocations.contains_key(position);
            assert!(is_there || latest >= *needed_until, "the revocation of {id} is gone");
            is_there
        });
        assert_eq!(self.revocations.len(), table.revocations.len());
        self.spent.retain(|id, kept_until| {
            let is_there = table.spent.contains(id);
            assert!(is_there || latest >= *kept_until, "the spent token {id} is gone");
            is_there
        });
        assert_eq!(self.spent.len(), table.spent.len());
        let active = self.rows.iter().filter(|row| row.ended_at.is_none()).count();
        let mut indexed = 0;
        for segment in 0..table.by_user.0.segments() {
            indexed += table.by_user.0.values_of(segment).map(BTreeSet::len).sum::<usize>();
        }
        assert_eq!(indexed, active);
    }

    pub(super) fn record(&mut self, id: String, now: u64, needed_until: Timestamp) {
        self.position += 1;
        self.revocations.push((self.position, id, now, needed_until));
    }

    fn end(&mut self, ids: &[String], now: u64) {
        for id in ids {
            let row = self.rows.iter_mut().find(|row| row.session.id == *id).unwrap();
            row.ended_at = Some(now);
            let needed_until = row.session.expires_at.after(Revocation::LONGEST_LEEWAY);
            self.record(id.clone(), now, needed_until);
        }
    }

    pub(super) fn open(&mut self, session: &NewSession, now: u64) -> Vec<String> {
        let owner = (session.pool.clone(), session.user.clone());
        if let Some(previous) = &session.previous_security_stamp {
            for row in self.rows.iter_mut().filter(|row| row.owner == owner && row.ended_at.is_none()) {
                if row.stamp == *previous && row.is_login() {
                    row.stamp.clone_from(&session.security_stamp);
                }
            }
        }
        self.rows.push(ModelRow {
            owner: owner.clone(),
            session: session.clone(),
            tickets: vec![session.ticket.clone()],
            rotated_at: now,
            stamp: session.security_stamp.clone(),
            ended_at: None,
        });
        let Some(limit) = session.limit else { return Vec::new() };
        let mut logins: Vec<_> = self
            .rows
            .iter()
            .filter(|row| row.owner == owner && row.session.id != session.id && row.is_active(now))
            .filter(|row| row.is_login())
            .map(|row| (row.session.details.authenticated_at, row.session.id.clone()))
            .collect();
        logins.sort();
        let others = limit.max(1) - usize::from(session.details.kind == SessionKind::Login);
        logins.truncate(logins.len().saturating_sub(others));
        let ended: Vec<_> = logins.into_iter().map(|(_, id)| id).collect();
        self.end(&ended, now);
        ended
    }

    pub(super) fn rotate(&mut self, rotation: &Rotation, now: u64) -> &'static str {
        let found = self.rows.iter_mut().find(|row| row.session.id == rotation.session);
        let Some(row) = found.filter(|row| row.owner.0 == rotation.pool) else { return "unknown" };
        if row.ended_at.is_some() {
            return "revoked";
        }
        if at(now) >= row.session.expires_at {
            return "expired";
        }
        let number = row.tickets.iter().rev().position(|ticket| ticket.id == rotation.presented);
        let outcome = if row.stamp != rotation.security_stamp {
            "outdated"
        } else if number == Some(0) {
            row.push(&rotation.successor, now);
            return "rotated";
        } else if number == Some(1)
            && Duration::from_secs(now.abs_diff(row.rotated_at))
                < row.session.details.grace.unwrap_or(rotation.grace)
        {
            return "current";
        } else {
            "reused"
        };
        self.end(slice::from_ref(&rotation.session), now);
        outcome
    }

    pub(super) fn step_up(&mut self, request: &StepUp, now: u64) -> &'static str {
        let found = self.rows.iter_mut().find(|row| row.session.id == request.session);
        let owner = (request.pool.clone(), request.user.clone());
        let Some(row) = found.filter(|row| row.owner == owner && row.is_login()) else { return "unknown" };
        if row.ended_at.is_some() {
            return "revoked";
        }
        if !row.is_active(now) {
            return "expired";
        }
        if row.stamp != request.security_stamp {
            self.end(slice::from_ref(&request.session), now);
            return "outdated";
        }
        let details = &mut row.session.details;
        details.authenticated_at = at(now);
        (details.acr, details.amr) = (request.acr.clone(), request.amr.clone());
        row.push(&request.successor, now);
        "rotated"
    }

    /// Returns whether it is the first use.
    pub(super) fn spend(&mut self, id: &str, kept_until: Timestamp) -> bool {
        let is_first = !self.spent.contains_key(id);
        self.spent.entry(id.to_owned()).or_insert(kept_until);
        is_first
    }

    pub(super) fn revoke(&mut self, request: &RevokeSessions, now: u64) -> Vec<String> {
        let owner = (request.pool.clone(), request.user.clone());
        let mut ended = Vec::new();
        for row in self.rows.iter_mut().filter(|row| row.owner == owner) {
            let id = &row.session.id;
            let is_meant = match &request.target {
                RevokeTarget::One(one) => one == id,
                RevokeTarget::All => true,
                _ if !row.is_login() => false,
                RevokeTarget::Others { kept, security_stamp } if kept == id => {
                    row.stamp.clone_from(security_stamp);
                    false
                }
                RevokeTarget::Logins | RevokeTarget::Others { .. } => true,
            };
            if is_meant && row.ended_at.is_none() {
                ended.push(id.clone());
            }
        }
        self.end(&ended, now);
        ended
    }

    pub(super) fn list(&self, owner: &ModelOwner, now: u64) -> Vec<(String, RefreshTicket)> {
        let active = self.rows.iter().filter(|row| row.owner == *owner && row.is_active(now));
        let mut active: Vec<_> = active.collect();
        active.sort_by_key(|row| (row.session.details.authenticated_at, row.session.id.clone()));
        active.into_iter().rev().map(|row| (row.session.id.clone(), row.current().clone())).collect()
    }
}

pub(super) fn name(outcome: &RotationOutcome) -> &'static str {
    match outcome {
        RotationOutcome::Rotated(_) => "rotated",
        RotationOutcome::Current(_) => "current",
        RotationOutcome::Reused => "reused",
        RotationOutcome::Outdated => "outdated",
        RotationOutcome::Unknown => "unknown",
        RotationOutcome::Expired => "expired",
        RotationOutcome::Revoked => "revoked",
    }
}
