//! `Row`: a session of the model.

use std::time::Duration;

use gatevault::session::{
    ActiveSession, NewSession, RefreshTicket, SessionDetails, SessionKind, StoredSession,
};
use gatevault::{Session, Timestamp, UserId};

use crate::later;

/// A session that was opened.
#[derive(Debug, Clone)]
pub struct Row {
    /// The `sid`.
    pub id: String,
    /// The pool of the user.
    pub pool: Option<String>,
    /// The owner.
    pub user: UserId,
    label: Option<String>,
    pub(crate) stamp: String,
    pub(crate) ticket: RefreshTicket,
    /// The ids of the earlier tokens, the oldest first.
    pub(crate) earlier: Vec<String>,
    rotated_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) details: SessionDetails,
    /// The `jti` of an access token of the session.
    pub(crate) token_id: String,
    /// The time of the revocation.
    pub revoked_at: Option<Timestamp>,
    /// Set once the store has been seen to have removed the session.
    pub(crate) is_removed: bool,
}

impl Row {
    pub(crate) fn new(session: NewSession) -> Self {
        Self {
            id: session.id,
            pool: session.pool,
            user: session.user,
            label: session.label,
            stamp: session.security_stamp,
            rotated_at: session.ticket.issued_at,
            ticket: session.ticket,
            earlier: Vec::new(),
            expires_at: session.expires_at,
            details: session.details,
            token_id: String::new(),
            revoked_at: None,
            is_removed: false,
        }
    }

    pub(crate) fn is_of(&self, pool: Option<&str>, user: &UserId) -> bool {
        self.pool.as_deref() == pool && self.user == *user
    }

    pub(crate) fn is_login(&self) -> bool {
        self.details.kind == SessionKind::Login
    }

    /// Returns whether neither the session nor its token has expired.
    fn is_unexpired(&self, now: Timestamp) -> bool {
        now < self.expires_at.min(self.ticket.expires_at)
    }

    pub(crate) fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.is_unexpired(now)
    }

    /// Returns whether the store may have removed the session: it has expired, or was revoked an hour ago.
    pub(crate) fn may_be_removed(&self, now: Timestamp) -> bool {
        let an_hour_ago = |at: Timestamp| now.seconds() >= at.seconds() + 60 * 60;
        !self.is_unexpired(now) || self.revoked_at.is_some_and(an_hour_ago)
    }

    /// Returns whether this is the token before the current one, and was replaced less than the grace ago.
    pub(crate) fn is_in_grace(&self, token: &str, grace: Duration, now: Timestamp) -> bool {
        let since = Duration::from_secs(now.seconds().abs_diff(self.rotated_at.seconds()));
        self.earlier.last().is_some_and(|previous| previous == token)
            && since < self.details.grace.unwrap_or(grace)
    }

    /// Makes the successor the current token.
    pub(crate) fn replace_token(&mut self, successor: RefreshTicket, now: Timestamp) -> ActiveSession {
        let own = self.details.refresh_lifetime.map(|lifetime| later(successor.issued_at, lifetime));
        let expires_at = own.unwrap_or(successor.expires_at).min(self.expires_at);
        if successor.id != self.ticket.id {
            self.earlier.push(self.ticket.id.clone());
            self.rotated_at = now;
        }
        self.ticket = RefreshTicket::new(successor.id, successor.issued_at, expires_at);
        self.active()
    }

    pub(crate) fn active(&self) -> ActiveSession {
        ActiveSession::new(self.ticket.clone(), self.details.clone())
    }

    pub(crate) fn listed(&self) -> Session {
        Session::new(self.id.clone(), self.label.clone(), &self.ticket, self.details.clone())
    }

    pub(crate) fn stored(&self) -> StoredSession {
        let (user, label) = (self.user.clone(), self.label.clone());
        StoredSession::new(user, label, self.expires_at, self.ticket.clone(), self.details.clone())
    }
}
