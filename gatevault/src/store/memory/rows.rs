//! The rows of `MemorySessions`.

use std::collections::BTreeSet;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::session::{
    ActiveSession, NewSession, RefreshTicket, Revocation, SessionKind, SessionRecord, StoredSession,
};
use crate::store::segmented_map::SegmentedMap;

/// The pool and the id of a user.
pub(super) type Owner = (Option<String>, UserId);

/// A session, as it is kept.
pub(super) struct SessionRow {
    pub(super) owner: Owner,
    pub(super) label: Option<String>,
    rotated_at: Timestamp,
    /// In the form that decisions take, so that they copy nothing.
    pub(super) record: SessionRecord,
}

impl SessionRow {
    pub(super) fn new(session: NewSession) -> Self {
        Self {
            owner: (session.pool, session.user),
            label: session.label,
            rotated_at: session.ticket.issued_at,
            record: SessionRecord {
                current: session.ticket,
                previous: None,
                since_rotation: Duration::ZERO,
                security_stamp: session.security_stamp,
                expires_at: session.expires_at,
                is_revoked: false,
                details: session.details,
            },
        }
    }

    /// Returns whether the session or its current token has expired.
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.record.expires_at.min(self.record.current.expires_at)
    }

    pub(super) fn is_login(&self) -> bool {
        self.record.details.kind == SessionKind::Login
    }

    /// Returns the record for a decision now.
    pub(super) fn record_at(&mut self, now: Timestamp) -> &SessionRecord {
        self.record.since_rotation = Duration::from_secs(now.seconds().abs_diff(self.rotated_at.seconds()));
        &self.record
    }

    /// Sets the current ticket and the details. The current one becomes the previous one, unless it is the same.
    pub(super) fn rotate_to(&mut self, active: &ActiveSession, now: Timestamp) {
        let record = &mut self.record;
        record.details.clone_from(&active.details);
        if record.current.id != active.ticket.id {
            // The new id takes the memory of the one before the current one.
            active.ticket.id.clone_into(record.previous.get_or_insert_default());
            record.previous.iter_mut().for_each(|previous| mem::swap(previous, &mut record.current.id));
            self.rotated_at = now;
        }
        let RefreshTicket { issued_at, expires_at, .. } = active.ticket;
        (record.current.issued_at, record.current.expires_at) = (issued_at, expires_at);
    }

    pub(super) fn stored(&self) -> StoredSession {
        let SessionRecord { current, expires_at, details, .. } = &self.record;
        let (user, label, details) = (self.owner.1.clone(), self.label.clone(), details.clone());
        StoredSession { user, label, expires_at: *expires_at, ticket: current.clone(), details }
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
