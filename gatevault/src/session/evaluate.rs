//! The decisions about a presented refresh token and about a step-up, made in one place for every store.

use std::time::Duration;

use super::{ActiveSession, Rotation, RotationOutcome, SessionKind, StepUp};
use crate::clock::Timestamp;

/// The decision about a presented refresh token or a step-up, for a store to carry out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Rotate: the token is the current one, or the session may step up.
    Rotate,
    /// Revoke the session, for this reason.
    Revoke(RotationOutcome),
    /// Leave the session unchanged.
    Keep(RotationOutcome),
}

/// The place of a refresh token among those of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenAge {
    Current,
    /// The one before the current token.
    Previous,
    /// An older one.
    Older,
}

/// A session, in the form in which a store has it, for the decisions about it.
pub(crate) trait EvaluateSession {
    fn is_revoked(&self) -> bool;
    /// Returns the end of the session's lifetime.
    fn expires_at(&self) -> Timestamp;
    fn token_expires_at(&self) -> Timestamp;
    fn has_security_stamp(&self, security_stamp: &str) -> bool;
    /// Returns the place of a token, by its `jti`. The current token is compared before the previous one.
    fn token_age(&self, token: &str) -> TokenAge;
    /// Returns the time between the last rotation and now, in either direction: clocks can be set back. A store with a clock of
    /// its own ignores `now`.
    fn since_rotation(&self, now: Timestamp) -> Duration;
    fn kind(&self) -> SessionKind;
    /// Returns the session's own grace, if it has one.
    fn grace(&self) -> Option<Duration>;
    /// Returns the current token and the details.
    fn active(&self) -> ActiveSession;

    /// Evaluates the token against the session, in the order that [`SessionStore::rotate`](super::SessionStore::rotate)
    /// documents. Only the grace period depends on a clock.
    ///
    /// A store may carry out [`Verdict::Revoke`] some time after it read the session. The verdict stays correct under any
    /// concurrent change, because an older token never becomes a newer one.
    fn evaluate(&self, rotation: &Rotation) -> Verdict {
        if self.is_revoked() {
            return Verdict::Keep(RotationOutcome::Revoked);
        }
        if rotation.now >= self.expires_at() {
            return Verdict::Keep(RotationOutcome::Expired);
        }
        if !self.has_security_stamp(&rotation.security_stamp) {
            return Verdict::Revoke(RotationOutcome::Outdated);
        }
        let is_in_grace = || self.since_rotation(rotation.now) < self.grace().unwrap_or(rotation.grace);
        match self.token_age(&rotation.presented) {
            TokenAge::Current => Verdict::Rotate,
            TokenAge::Previous if is_in_grace() => Verdict::Keep(RotationOutcome::Current(self.active())),
            TokenAge::Previous | TokenAge::Older => Verdict::Revoke(RotationOutcome::Reused),
        }
    }

    /// Evaluates a step-up of a session of the user, in the order that
    /// [`SessionStore::step_up`](super::SessionStore::step_up) documents.
    fn evaluate_step_up(&self, request: &StepUp) -> Verdict {
        if self.kind() != SessionKind::Login {
            return Verdict::Keep(RotationOutcome::Unknown);
        }
        if self.is_revoked() {
            return Verdict::Keep(RotationOutcome::Revoked);
        }
        if request.now >= self.expires_at().min(self.token_expires_at()) {
            return Verdict::Keep(RotationOutcome::Expired);
        }
        if !self.has_security_stamp(&request.security_stamp) {
            return Verdict::Revoke(RotationOutcome::Outdated);
        }
        Verdict::Rotate
    }
}
