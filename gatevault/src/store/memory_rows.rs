//! The rows of `MemorySessions`.

use std::time::Duration;

use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::session::{RefreshTicket, Revocation, SessionDetails, SessionRecord};

/// The pool and the id of a user.
pub(super) type Owner = (Option<String>, UserId);

/// A session, as it is kept.
pub(super) struct SessionRow {
    pub(super) owner: Owner,
    pub(super) label: Option<String>,
    pub(super) expires_at: Timestamp,
    pub(super) current: RefreshTicket,
    pub(super) previous: Option<String>,
    pub(super) rotated_at: Timestamp,
    pub(super) security_stamp: String,
    pub(super) is_revoked: bool,
    pub(super) details: SessionDetails,
}

impl SessionRow {
    /// Returns whether the session or its current token has expired.
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at.min(self.current.expires_at)
    }

    pub(super) fn record(&self, now: Timestamp) -> SessionRecord {
        SessionRecord {
            current: self.current.clone(),
            previous: self.previous.clone(),
            since_rotation: Duration::from_secs(now.seconds().abs_diff(self.rotated_at.seconds())),
            security_stamp: self.security_stamp.clone(),
            expires_at: self.expires_at,
            is_revoked: self.is_revoked,
            details: self.details.clone(),
        }
    }
}

/// A revocation, as it is kept.
pub(super) struct RecordedRevocation {
    pub(super) revocation: Revocation,
    pub(super) at: Timestamp,
    /// The time from which on no guard accepts a token that it concerns, as far as is known here.
    pub(super) needed_until: Timestamp,
}
