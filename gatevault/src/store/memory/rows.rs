//! The rows of `MemorySessions`.

use std::collections::BTreeSet;
use std::mem;
use std::time::Duration;

use super::compact::{CompactId, ShortString};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::session::{
    ActiveSession, EvaluateSession, NewSession, RefreshTicket, Revocation, Session, SessionDetails,
    SessionKind, StepUp, StoredSession, TokenAge,
};
use crate::store::segmented_map::SegmentedMap;

/// The pool and the id of a user.
pub(super) type Owner = (Option<Box<str>>, UserId);

/// Creates the key of a user.
pub(super) fn owner_of(pool: Option<String>, user: UserId) -> Owner {
    (pool.map(String::into_boxed_str), user)
}

/// A session, as it is kept: everything that a rotation reads is in adjacent memory, if the ids are UUIDs and the session has
/// none of the [rare details](RareDetails).
pub(super) struct SessionRow {
    current: CompactId,
    /// The token before the current one; before the first rotation, the current one.
    previous: CompactId,
    security_stamp: ShortString,
    token_issued_at: Timestamp,
    token_expires_at: Timestamp,
    rotated_at: Timestamp,
    expires_at: Timestamp,
    authenticated_at: Timestamp,
    kind: SessionKind,
    is_persistent: bool,
    is_revoked: bool,
    rare: Option<Box<RareDetails>>,
    pub(super) owner: Owner,
    label: Option<Box<str>>,
}

/// The details that few sessions have.
#[derive(Clone, Default, PartialEq)]
struct RareDetails {
    acr: Option<String>,
    amr: Vec<String>,
    scopes: Vec<String>,
    refresh_lifetime: Option<Duration>,
    grace: Option<Duration>,
}

impl SessionRow {
    pub(super) fn new(session: NewSession) -> Self {
        let (current, ticket) = (CompactId::from(&*session.ticket.id), session.ticket);
        let SessionDetails { kind, authenticated_at, is_persistent, .. } = session.details;
        Self {
            previous: current.clone(),
            current,
            security_stamp: (&*session.security_stamp).into(),
            token_issued_at: ticket.issued_at,
            token_expires_at: ticket.expires_at,
            rotated_at: ticket.issued_at,
            expires_at: session.expires_at,
            authenticated_at,
            kind,
            is_persistent,
            is_revoked: false,
            rare: RareDetails::of(session.details),
            owner: owner_of(session.pool, session.user),
            label: session.label.map(String::into_boxed_str),
        }
    }

    /// Returns whether the session or its current token has expired.
    pub(super) fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at.min(self.token_expires_at)
    }

    pub(super) fn is_login(&self) -> bool {
        self.kind == SessionKind::Login
    }

    pub(super) fn authenticated_at(&self) -> Timestamp {
        self.authenticated_at
    }

    pub(super) fn set_security_stamp(&mut self, security_stamp: &str) {
        self.security_stamp = security_stamp.into();
    }

    /// Rotates to the successor. The current token becomes the previous one, unless it is the same.
    pub(super) fn rotate(&mut self, successor: RefreshTicket, now: Timestamp) -> ActiveSession {
        let details = self.details();
        let ticket = details.successor(successor, self.expires_at);
        if self.current != *ticket.id {
            self.previous = mem::replace(&mut self.current, (&*ticket.id).into());
            self.rotated_at = now;
        }
        (self.token_issued_at, self.token_expires_at) = (ticket.issued_at, ticket.expires_at);
        ActiveSession { ticket, details }
    }

    /// Records a new authentication, and rotates to the successor.
    pub(super) fn step_up(&mut self, request: StepUp) -> ActiveSession {
        self.authenticated_at = request.now;
        self.rare = RareDetails::of(SessionDetails { acr: request.acr, amr: request.amr, ..self.details() });
        self.rotate(request.successor, request.now)
    }

    /// Revokes the session. The row may be removed at `removable_at` at the latest.
    pub(super) fn revoke(&mut self, removable_at: Timestamp) {
        self.is_revoked = true;
        self.token_expires_at = self.token_expires_at.min(removable_at);
    }

    pub(super) fn stored(&self) -> StoredSession {
        let ActiveSession { ticket, details } = self.active();
        let (user, label) = (self.owner.1.clone(), self.label());
        StoredSession { user, label, expires_at: self.expires_at, ticket, details }
    }

    /// Returns the session with this id for the list of its user.
    pub(super) fn listed(&self, id: &CompactId) -> Session {
        let ActiveSession { ticket, details } = self.active();
        Session::new(id.string(), self.label(), &ticket, details)
    }

    fn label(&self) -> Option<String> {
        self.label.clone().map(String::from)
    }

    fn details(&self) -> SessionDetails {
        let Self { kind, authenticated_at, is_persistent, .. } = *self;
        let RareDetails { acr, amr, scopes, refresh_lifetime, grace } =
            self.rare.as_deref().cloned().unwrap_or_default();
        SessionDetails { kind, authenticated_at, acr, amr, scopes, is_persistent, refresh_lifetime, grace }
    }
}

impl EvaluateSession for SessionRow {
    fn is_revoked(&self) -> bool {
        self.is_revoked
    }

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    fn token_expires_at(&self) -> Timestamp {
        self.token_expires_at
    }

    fn has_security_stamp(&self, security_stamp: &str) -> bool {
        self.security_stamp == *security_stamp
    }

    fn token_age(&self, token: &str) -> TokenAge {
        if self.current == *token {
            TokenAge::Current
        } else if self.previous == *token {
            TokenAge::Previous
        } else {
            TokenAge::Older
        }
    }

    fn since_rotation(&self, now: Timestamp) -> Duration {
        Duration::from_secs(now.seconds().abs_diff(self.rotated_at.seconds()))
    }

    fn kind(&self) -> SessionKind {
        self.kind
    }

    fn grace(&self) -> Option<Duration> {
        self.rare.as_ref()?.grace
    }

    fn active(&self) -> ActiveSession {
        let (issued_at, expires_at) = (self.token_issued_at, self.token_expires_at);
        let ticket = RefreshTicket { id: self.current.string(), issued_at, expires_at };
        ActiveSession { ticket, details: self.details() }
    }
}

impl RareDetails {
    /// Returns the rare ones of the details, if there are any.
    fn of(details: SessionDetails) -> Option<Box<Self>> {
        let SessionDetails { acr, amr, scopes, refresh_lifetime, grace, .. } = details;
        let rare = Self { acr, amr, scopes, refresh_lifetime, grace };
        (rare != Self::default()).then(|| Box::new(rare))
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
pub(super) struct UserIndex(pub(super) SegmentedMap<Owner, BTreeSet<CompactId>>);

impl UserIndex {
    pub(super) fn ids(&self, owner: &Owner) -> impl Iterator<Item = &CompactId> {
        self.0.get(owner).into_iter().flatten()
    }

    pub(super) fn insert(&mut self, owner: Owner, id: CompactId) {
        if let Some(ids) = self.0.get_or_default(owner) {
            ids.insert(id);
        }
    }

    pub(super) fn remove(&mut self, owner: &Owner, id: &CompactId) {
        if let Some(ids) = self.0.get_mut(owner) {
            ids.remove(id);
            if ids.is_empty() {
                self.0.remove(owner);
            }
        }
    }
}
