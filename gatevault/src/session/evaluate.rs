//! The decisions about a presented refresh token and about a step-up, made in one place for every store.

use super::{ActiveSession, Rotation, RotationOutcome, SessionDetails, SessionKind, SessionRecord, StepUp};

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

impl SessionRecord {
    /// Evaluates the token against the session, in the order that [`SessionStore::rotate`](super::SessionStore::rotate)
    /// documents. Only the grace period depends on a clock.
    ///
    /// A store may carry out [`Verdict::Revoke`] some time after it read the record. The verdict stays correct under any
    /// concurrent change, because an older token never becomes a newer one.
    pub(crate) fn evaluate(&self, rotation: &Rotation) -> Verdict {
        if self.is_revoked {
            return Verdict::Keep(RotationOutcome::Revoked);
        }
        if rotation.now >= self.expires_at {
            return Verdict::Keep(RotationOutcome::Expired);
        }
        if self.security_stamp != rotation.security_stamp {
            return Verdict::Revoke(RotationOutcome::Outdated);
        }
        if self.current.id == rotation.presented {
            return Verdict::Rotate;
        }
        let is_previous = self.previous.as_ref() == Some(&rotation.presented);
        if is_previous && self.since_rotation < self.details.grace.unwrap_or(rotation.grace) {
            let active = ActiveSession { ticket: self.current.clone(), details: self.details.clone() };
            return Verdict::Keep(RotationOutcome::Current(active));
        }
        Verdict::Revoke(RotationOutcome::Reused)
    }

    /// Returns the session after the rotation.
    pub(crate) fn rotated(&self, rotation: &Rotation) -> ActiveSession {
        let ticket = self.details.successor(&rotation.successor, self.expires_at);
        ActiveSession { ticket, details: self.details.clone() }
    }

    /// Evaluates a step-up of a session of the user, in the order that
    /// [`SessionStore::step_up`](super::SessionStore::step_up) documents.
    pub(crate) fn evaluate_step_up(&self, request: &StepUp) -> Verdict {
        if self.details.kind != SessionKind::Login {
            return Verdict::Keep(RotationOutcome::Unknown);
        }
        if self.is_revoked {
            return Verdict::Keep(RotationOutcome::Revoked);
        }
        if request.now >= self.expires_at.min(self.current.expires_at) {
            return Verdict::Keep(RotationOutcome::Expired);
        }
        if self.security_stamp != request.security_stamp {
            return Verdict::Revoke(RotationOutcome::Outdated);
        }
        Verdict::Rotate
    }

    /// Returns the session after the step-up.
    pub(crate) fn stepped_up(&self, request: &StepUp) -> ActiveSession {
        let details = SessionDetails {
            authenticated_at: request.now,
            acr: request.acr.clone(),
            amr: request.amr.clone(),
            ..self.details.clone()
        };
        ActiveSession { ticket: details.successor(&request.successor, self.expires_at), details }
    }
}
