//! The decision about a presented refresh token, made in one place for every store.

use super::{RefreshTicket, Rotation, RotationOutcome, SessionRecord};
use crate::clock::Timestamp;

/// The decision about a presented refresh token, for a store to carry out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Rotate: the token is the current one.
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
        if is_previous && self.since_rotation < rotation.grace {
            return Verdict::Keep(RotationOutcome::Current(self.current.clone()));
        }
        Verdict::Revoke(RotationOutcome::Reused)
    }
}

impl Rotation {
    /// Returns the successor, which expires no later than the session.
    pub(crate) fn successor_within(&self, expires_at: Timestamp) -> RefreshTicket {
        RefreshTicket { expires_at: self.successor.expires_at.min(expires_at), ..self.successor.clone() }
    }
}
