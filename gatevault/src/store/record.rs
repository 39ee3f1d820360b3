//! A session that was read from a database, for an evaluation.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::session::{ActiveSession, EvaluateSession, RefreshTicket, SessionDetails, SessionKind, TokenAge};

/// A session as a database has it when a refresh token is presented.
#[derive(Debug)]
pub(super) struct SessionRecord {
    pub(super) current: RefreshTicket,
    /// The `jti` of the token before the current one.
    pub(super) previous: Option<String>,
    /// The time between the last rotation and now, in either direction, by the clock of the database.
    pub(super) since_rotation: Duration,
    pub(super) security_stamp: String,
    pub(super) expires_at: Timestamp,
    pub(super) is_revoked: bool,
    pub(super) details: SessionDetails,
}

impl EvaluateSession for SessionRecord {
    fn is_revoked(&self) -> bool {
        self.is_revoked
    }

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    fn token_expires_at(&self) -> Timestamp {
        self.current.expires_at
    }

    fn has_security_stamp(&self, security_stamp: &str) -> bool {
        self.security_stamp == security_stamp
    }

    fn token_age(&self, token: &str) -> TokenAge {
        if self.current.id == token {
            TokenAge::Current
        } else if self.previous.as_deref() == Some(token) {
            TokenAge::Previous
        } else {
            TokenAge::Older
        }
    }

    fn since_rotation(&self, _: Timestamp) -> Duration {
        self.since_rotation
    }

    fn kind(&self) -> SessionKind {
        self.details.kind
    }

    fn grace(&self) -> Option<Duration> {
        self.details.grace
    }

    fn active(&self) -> ActiveSession {
        ActiveSession { ticket: self.current.clone(), details: self.details.clone() }
    }
}
