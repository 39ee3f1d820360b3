//! The sessions of a store as a list, with the rules that `SessionStore` documents: slow and obvious.

use std::time::Duration;

use gatevault::session::{
    ActiveSession, NewSession, RefreshTicket, RevokeSessions, RevokeTarget, Rotation, RotationOutcome,
    SessionDetails, SessionKind, StepUp,
};
use gatevault::{Timestamp, UserId};

/// Every session that was opened, in that order.
#[derive(Clone, Default)]
pub(crate) struct Model {
    pub(crate) rows: Vec<Row>,
}

#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) id: String,
    pool: Option<String>,
    user: UserId,
    stamp: String,
    pub(crate) ticket: RefreshTicket,
    pub(crate) previous: String,
    rotated_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    details: SessionDetails,
    pub(crate) revoked_at: Option<Timestamp>,
    /// Set once the store has been seen to have removed the session.
    pub(crate) is_removed: bool,
}

impl Model {
    /// Adds a session. Returns the ids of those that the limit ends.
    pub(crate) fn open(&mut self, session: NewSession) -> Vec<String> {
        let (now, limit, newest) = (session.ticket.issued_at, session.limit, session.id.clone());
        let (pool, user) = (session.pool.clone(), session.user.clone());
        if let Some(previous) = &session.previous_security_stamp {
            let logins =
                self.rows.iter_mut().filter(|row| row.is_of(pool.as_deref(), &user) && row.is_login());
            logins
                .filter(|row| row.revoked_at.is_none() && row.stamp == *previous)
                .for_each(|row| row.stamp.clone_from(&session.security_stamp));
        }
        self.rows.push(Row::new(session));
        let Some(limit) = limit else { return Vec::new() };
        let is_counted = |row: &&mut Row| {
            row.is_of(pool.as_deref(), &user) && row.is_login() && (row.is_active(now) || row.id == newest)
        };
        let mut logins: Vec<&mut Row> = self.rows.iter_mut().filter(is_counted).collect();
        // Of two logins in the same second, the one with the lower id is the older one.
        logins.sort_by_key(|row| (row.id == newest, row.details.authenticated_at, row.id.clone()));
        let excess = logins.len().saturating_sub(limit.max(1));
        logins.into_iter().take(excess).map(|row| row.revoke(now)).collect()
    }

    pub(crate) fn rotate(&mut self, request: &Rotation) -> RotationOutcome {
        let now = request.now;
        let found = self
            .rows
            .iter_mut()
            .find(|row| row.id == request.session && row.pool == request.pool && !row.is_removed);
        let Some(row) = found else { return RotationOutcome::Unknown };
        let grace = row.details.grace.unwrap_or(request.grace);
        if row.revoked_at.is_some() {
            return RotationOutcome::Revoked;
        }
        if now >= row.expires_at {
            return RotationOutcome::Expired;
        }
        if row.stamp != request.security_stamp {
            row.revoke(now);
            return RotationOutcome::Outdated;
        }
        if row.ticket.id == request.presented {
            return RotationOutcome::Rotated(row.replace_token(request.successor.clone(), now));
        }
        let since = Duration::from_secs(now.seconds().abs_diff(row.rotated_at.seconds()));
        if row.previous == request.presented && since < grace {
            return RotationOutcome::Current(ActiveSession::new(row.ticket.clone(), row.details.clone()));
        }
        row.revoke(now);
        RotationOutcome::Reused
    }

    pub(crate) fn step_up(&mut self, request: &StepUp) -> RotationOutcome {
        let now = request.now;
        let mut rows = self
            .rows
            .iter_mut()
            .filter(|row| row.is_of(request.pool.as_deref(), &request.user) && row.is_login());
        let Some(row) = rows.find(|row| row.id == request.session && !row.is_removed) else {
            return RotationOutcome::Unknown;
        };
        if row.revoked_at.is_some() {
            return RotationOutcome::Revoked;
        }
        if !row.is_active(now) {
            return RotationOutcome::Expired;
        }
        if row.stamp != request.security_stamp {
            row.revoke(now);
            return RotationOutcome::Outdated;
        }
        (row.details.acr, row.details.amr) = (request.acr.clone(), request.amr.clone());
        row.details.authenticated_at = now;
        RotationOutcome::Rotated(row.replace_token(request.successor.clone(), now))
    }

    /// Revokes sessions. The store says which of them it revoked: of those that have expired, it may have removed some.
    pub(crate) fn revoke(&mut self, request: &RevokeSessions, revoked: &[String]) {
        for row in self.rows.iter_mut().filter(|row| row.is_of(request.pool.as_deref(), &request.user)) {
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
            let (is_named, can_end) =
                (revoked.contains(&row.id), is_meant && row.revoked_at.is_none() && !row.is_removed);
            assert!(!is_named || can_end, "{} was revoked and should not have been", row.id);
            assert!(is_named || !is_meant || !row.is_active(request.now), "{} was not revoked", row.id);
            if is_named {
                row.revoke(request.now);
            } else if can_end {
                row.is_removed = true;
            }
        }
        assert!(revoked.iter().all(|id| {
            self.rows.iter().any(|row| row.id == *id && row.is_of(request.pool.as_deref(), &request.user))
        }));
    }

    /// Returns the ids of the active sessions of a user, the newest login first.
    pub(crate) fn list(&self, pool: Option<&str>, user: &UserId, now: Timestamp) -> Vec<String> {
        let active = self.rows.iter().filter(|row| row.is_of(pool, user) && row.is_active(now));
        let mut active: Vec<_> = active.map(|row| (row.details.authenticated_at, row.id.clone())).collect();
        active.sort();
        active.into_iter().rev().map(|(_, id)| id).collect()
    }
}

impl Row {
    fn new(session: NewSession) -> Self {
        Self {
            id: session.id,
            pool: session.pool,
            user: session.user,
            stamp: session.security_stamp,
            previous: session.ticket.id.clone(),
            rotated_at: session.ticket.issued_at,
            ticket: session.ticket,
            expires_at: session.expires_at,
            details: session.details,
            revoked_at: None,
            is_removed: false,
        }
    }

    fn is_of(&self, pool: Option<&str>, user: &UserId) -> bool {
        self.pool.as_deref() == pool && self.user == *user
    }

    /// Returns the pool and the id of the user.
    pub(crate) fn owner(&self) -> (Option<String>, UserId) {
        (self.pool.clone(), self.user.clone())
    }

    fn is_login(&self) -> bool {
        self.details.kind == SessionKind::Login
    }

    pub(crate) fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at.min(self.ticket.expires_at)
    }

    /// Returns whether the store may have removed the session: it has expired, or was revoked an hour ago.
    pub(crate) fn may_be_removed(&self, now: Timestamp) -> bool {
        let has_expired = now >= self.expires_at.min(self.ticket.expires_at);
        has_expired || self.revoked_at.is_some_and(|at| now.seconds() >= at.seconds() + 60 * 60)
    }

    fn revoke(&mut self, now: Timestamp) -> String {
        self.revoked_at = Some(now);
        self.id.clone()
    }

    fn replace_token(&mut self, successor: RefreshTicket, now: Timestamp) -> ActiveSession {
        let own = self.details.refresh_lifetime.map(|lifetime| later(successor.issued_at, lifetime));
        let expires_at = own.unwrap_or(successor.expires_at).min(self.expires_at);
        if successor.id != self.ticket.id {
            (self.previous, self.rotated_at) = (self.ticket.id.clone(), now);
        }
        self.ticket = RefreshTicket::new(successor.id, successor.issued_at, expires_at);
        ActiveSession::new(self.ticket.clone(), self.details.clone())
    }
}

/// Returns a time after another.
pub(crate) fn later(time: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_seconds(time.seconds() + by.as_secs()).expect("before the year 10000")
}
