//! `Request`: an operation that changes a store, and its outcome.

use gatevault::SessionStore;
use gatevault::session::{
    NewRevocation, NewSession, RemoveExpired, RevokeSessions, Rotation, RotationOutcome, SpendToken, StepUp,
    StoreError,
};

/// A request to a store, whose outcome the model knows.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named after the methods of a store")]
pub enum Request {
    Open(NewSession),
    Rotate(Rotation),
    StepUp(StepUp),
    Revoke(RevokeSessions),
    Record(NewRevocation),
    Spend(SpendToken),
    /// Removes until nothing is left.
    RemoveExpired(RemoveExpired),
}

/// The outcome of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is returned.
    Done,
    /// The ids of the sessions that were revoked.
    Revoked(Vec<String>),
    /// The outcome of a rotation or of a step-up.
    Rotation(RotationOutcome),
    /// True if it is the first use.
    Spent(bool),
}

impl Outcome {
    /// Returns the name of the outcome of a request.
    pub(crate) fn name(&self, request: &Request) -> &'static str {
        let is_login = matches!(request, Request::Open(_));
        match self {
            Self::Done => "done",
            Self::Revoked(ids) if is_login => {
                if ids.is_empty() {
                    "opened"
                } else {
                    "opened above the limit"
                }
            }
            Self::Revoked(ids) => {
                if ids.is_empty() {
                    "revoked none"
                } else {
                    "revoked some"
                }
            }
            Self::Spent(is_first) => {
                if *is_first {
                    "spent first"
                } else {
                    "spent again"
                }
            }
            Self::Rotation(outcome) if matches!(request, Request::StepUp(_)) => match outcome {
                RotationOutcome::Rotated(_) => "stepped up",
                RotationOutcome::Outdated => "step-up outdated",
                RotationOutcome::Unknown => "step-up unknown",
                RotationOutcome::Expired => "step-up expired",
                RotationOutcome::Revoked => "step-up revoked",
                _ => "step-up with another outcome",
            },
            Self::Rotation(outcome) => match outcome {
                RotationOutcome::Rotated(_) => "rotated",
                RotationOutcome::Current(_) => "current",
                RotationOutcome::Reused => "reused",
                RotationOutcome::Outdated => "outdated",
                RotationOutcome::Unknown => "unknown",
                RotationOutcome::Expired => "expired",
                RotationOutcome::Revoked => "revoked",
                _ => "another outcome",
            },
        }
    }

    /// The outcomes that enough random scripts have.
    pub const NAMES: [&str; 19] = [
        "done",
        "opened",
        "opened above the limit",
        "revoked none",
        "revoked some",
        "spent first",
        "spent again",
        "stepped up",
        "step-up outdated",
        "step-up unknown",
        "step-up expired",
        "step-up revoked",
        "rotated",
        "current",
        "reused",
        "outdated",
        "unknown",
        "expired",
        "revoked",
    ];
}

impl Request {
    /// Sends the request.
    ///
    /// # Errors
    ///
    /// Returns the error of the store.
    pub async fn send(self, store: &dyn SessionStore) -> Result<Outcome, StoreError> {
        Ok(match self {
            Self::Open(session) => Outcome::Revoked(store.open(session).await?),
            Self::Rotate(request) => Outcome::Rotation(store.rotate(request).await?),
            Self::StepUp(request) => Outcome::Rotation(store.step_up(request).await?),
            Self::Revoke(request) => Outcome::Revoked(store.revoke(request).await?),
            Self::Spend(request) => Outcome::Spent(store.spend(request).await?),
            Self::Record(request) => {
                store.record_revocation(request).await?;
                Outcome::Done
            }
            Self::RemoveExpired(request) => {
                while store.remove_expired(request).await? > 0 {}
                Outcome::Done
            }
        })
    }
}
