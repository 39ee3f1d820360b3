//! What becomes of a refresh token that is presented to a session: decided here for every store.

use std::time::Duration;

use super::{RefreshTicket, Rotation, RotationOutcome};
use crate::clock::Timestamp;

/// A session as it is when a token is presented to it.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) current: RefreshTicket,
    /// The `jti` of the token before the current one.
    pub(crate) previous: Option<String>,
    /// How long ago the current token came in the place of the previous one, or will, where clocks differ.
    pub(crate) since_rotation: Duration,
    pub(crate) security_stamp: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) has_ended: bool,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The token is the current one: rotate it.
    Rotate,
    /// The session must end for this.
    End(RotationOutcome),
    /// Nothing.
    Stay(RotationOutcome),
}

impl Record {
    /// Judges the token; nothing but the grace depends on a clock.
    ///
    /// What ends a session does so whatever happens between the judgement and the end: an older token never becomes a
    /// newer one.
    pub(crate) fn judge(&self, rotation: &Rotation) -> Verdict {
        if self.has_ended {
            return Verdict::Stay(RotationOutcome::Revoked);
        }
        if rotation.now >= self.expires_at {
            return Verdict::Stay(RotationOutcome::Expired);
        }
        if self.security_stamp != rotation.security_stamp {
            return Verdict::End(RotationOutcome::Outdated);
        }
        if self.current.id == rotation.presented {
            return Verdict::Rotate;
        }
        let is_previous = self.previous.as_ref() == Some(&rotation.presented);
        if is_previous && self.since_rotation < rotation.grace {
            return Verdict::Stay(RotationOutcome::Current(self.current.clone()));
        }
        Verdict::End(RotationOutcome::Reused)
    }
}

impl Rotation {
    /// The successor, cut to the life of the session.
    pub(crate) fn successor_within(&self, expires_at: Timestamp) -> RefreshTicket {
        RefreshTicket { expires_at: self.successor.expires_at.min(expires_at), ..self.successor.clone() }
    }
}
