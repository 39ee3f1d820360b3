//! Refreshes and step-ups of a session: the rotation of its refresh token.

use super::issued::VerifiedRefreshToken;
use super::sessions::SessionKeeper;
use crate::clock::Timestamp;
use crate::error::{GuardError, InvalidReason, TokenError};
use crate::event::{Decision, Event, KeptCaller};
use crate::session::{ActiveSession, RefreshTicket, Rotation, RotationOutcome, StepUp, store_failed};

impl SessionKeeper {
    /// Exchanges a refresh token of a session and returns the session as it is now.
    pub(super) async fn rotate(
        &self,
        session: &str,
        token: &VerifiedRefreshToken,
        successor: RefreshTicket,
        security_stamp: String,
        pool: Option<&str>,
        now: Timestamp,
    ) -> Result<ActiveSession, GuardError> {
        let rotation = Rotation {
            session: session.to_owned(),
            pool: pool.map(str::to_owned),
            presented: token.token_id.clone(),
            successor,
            security_stamp,
            grace: self.grace,
            now,
        };
        match self.required_store()?.rotate(rotation).await.map_err(store_failed)? {
            RotationOutcome::Rotated(active) | RotationOutcome::Current(active) => Ok(active),
            outcome => Err(self.rotation_denied(&outcome, session, |event| token.named_in(event))),
        }
    }

    /// Writes a new authentication into a session of the user and returns the session as it is now.
    pub(super) async fn step_up(
        &self,
        request: StepUp,
        caller: &KeptCaller,
    ) -> Result<ActiveSession, GuardError> {
        let session = request.session.clone();
        match self.required_store()?.step_up(request).await.map_err(store_failed)? {
            RotationOutcome::Rotated(active) => Ok(active),
            outcome => {
                Err(self.rotation_denied(&outcome, &session, |event| event.of_caller(caller.claims())))
            }
        }
    }

    /// Revokes the access tokens of a session that a rotation has ended, and returns the denial after its event, to which `named` adds
    /// whom the presented token names.
    fn rotation_denied(
        &self,
        outcome: &RotationOutcome,
        session: &str,
        named: impl Fn(Event) -> Event,
    ) -> GuardError {
        let event = |decision| named(Event::ours(&self.tokens, decision));
        match outcome {
            RotationOutcome::Reused => {
                self.tokens.revoke_shared_session(session);
                event(Decision::RefreshTokenReused).emit();
            }
            RotationOutcome::Outdated => {
                self.tokens.revoke_shared_session(session);
                event(Decision::SessionOutdated).emit();
            }
            RotationOutcome::Expired => {
                event(Decision::SessionExpired).emit();
                return TokenError::Expired.into();
            }
            other => event(Decision::SessionNotActive { outcome: format!("{other:?}") }).emit(),
        }
        TokenError::from(InvalidReason::Revoked).into()
    }
}
