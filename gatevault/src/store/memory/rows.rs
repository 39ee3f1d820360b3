//! The rows of `MemorySessions`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::session::{
    ActiveSession, RefreshTicket, Revocation, SessionDetails, SessionKind, SessionRecord, StoredSession,
};
use crate::store::segmented_map::SegmentedMap;

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

    pub(super) fn is_login(&self) -> bool {
        self.details.kind == SessionKind::Login
    }

    /// Sets the current ticket and the details. The current one becomes the previous one, unless it is the same.
    pub(super) fn rotate_to(&mut self, active: &ActiveSession, now: Timestamp) {
        self.details.clone_from(&active.details);
        if self.current.id != active.ticket.id {
            self.previous = Some(self.current.id.clone());
            self.rotated_at = now;
        }
        self.current.clone_from(&active.ticket);
    }

    pub(super) fn stored(&self) -> StoredSession {
        let (user, label, details) = (self.owner.1.clone(), self.label.clone(), self.details.clone());
        StoredSession { user, label, expires_at: self.expires_at, ticket: self.current.clone(), details }
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

/// The first revocations after a position.
pub(super) struct RevocationPart {
    pub(super) revocations: Vec<Revocation>,
    /// The position of the next part: every revocation up to it was visited.
    pub(super) position: u64,
    pub(super) is_last: bool,
}

/// An index of sessions by their user. Uses ordered sets, since a hash set moves all of its ids when it grows.
#[derive(Default)]
pub(super) struct UserIndex(pub(super) SegmentedMap<Owner, BTreeSet<Arc<str>>>);

impl UserIndex {
    pub(super) fn ids(&self, owner: &Owner) -> impl Iterator<Item = &Arc<str>> {
        self.0.get(owner).into_iter().flatten()
    }

    pub(super) fn insert(&mut self, owner: Owner, id: Arc<str>) {
        if let Some(ids) = self.0.get_or_default(owner) {
            ids.insert(id);
        }
    }

    pub(super) fn remove(&mut self, owner: &Owner, id: &str) {
        if let Some(ids) = self.0.get_mut(owner) {
            ids.remove(id);
            if ids.is_empty() {
                self.0.remove(owner);
            }
        }
    }
}
