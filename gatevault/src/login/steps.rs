//! What a login, a refresh and a logout do, step by step: written once, awaited by one form of the handler and waited for
//! by the other.

use std::error::Error;

use super::authentication::Stamps;
use super::issue::Membership;
use super::sessions::store_failed;
use super::user::stamp_of;
use super::{AuthUser, LoginRequest, OAuthHandler, TokenPair, UserLookup};
use crate::claims::{Payload, UserId};
use crate::clock::Timestamp;
use crate::error::{GuardError, InvalidReason, TokenError};
use crate::guard::TokenSource;
use crate::session::{NewSession, RefreshTicket, RevokeTarget, Rotation, RotationOutcome, Session};

/// A refresh token that was verified.
pub(crate) struct Presented {
    pub(super) user: UserId,
    token_id: String,
    expires_at: Timestamp,
    /// The session that it belongs to, where there is one.
    pub(super) session: Option<Membership>,
}

impl<L: UserLookup<User: AuthUser>> OAuthHandler<L> {
    pub(super) async fn log_in_unthrottled(
        &self,
        request: LoginRequest<'_>,
    ) -> Result<TokenPair, GuardError> {
        let (user, stamps) = self.authenticate(request).await?;
        let pair = self.begin_session(&user, stamps, request.kept_label()).await?;
        tracing::info!(target: "gatevault", user = ?user.id(), "logged in");
        Ok(pair)
    }

    async fn begin_session(
        &self,
        user: &L::User,
        stamps: Stamps,
        label: Option<String>,
    ) -> Result<TokenPair, GuardError> {
        let now = self.tokens.now()?;
        let is_kept = self.sessions.store()?.is_some();
        let ends_at = if is_kept { now.after(self.sessions.lifetime) } else { Timestamp::LAST_SECOND };
        let session = is_kept.then(|| Membership::begun(now)).transpose()?;
        let ticket = self.new_ticket(now, ends_at)?;
        let pair = self.pair_for(user, session.as_ref(), &ticket, now)?;
        if let Some(session) = session {
            let new = NewSession {
                id: session.id,
                user: user.id(),
                label,
                authenticated_at: now,
                expires_at: ends_at,
                ticket,
                security_stamp: stamps.now,
                previous_security_stamp: stamps.former,
            };
            self.sessions.open(new).await?;
        }
        Ok(pair)
    }

    /// Verifies a refresh token, and that it has a session exactly where sessions are kept.
    pub(crate) fn presented(&self, refresh_token: &impl TokenSource) -> Result<Presented, GuardError> {
        self.read_presented(refresh_token).inspect_err(|denial| {
            tracing::info!(target: "gatevault", %denial, reason = denial.source(), "refresh token refused");
        })
    }

    /// The token of somebody who leaves; `None` where it is known that the session has ended already, so that a logout whose
    /// answer was lost can be repeated.
    pub(crate) fn leaving(&self, refresh_token: &impl TokenSource) -> Result<Option<Presented>, GuardError> {
        match self.presented(refresh_token) {
            Err(GuardError::Token(TokenError::Invalid(InvalidReason::Revoked))) => Ok(None),
            presented => presented.map(Some),
        }
    }

    fn read_presented(&self, refresh_token: &impl TokenSource) -> Result<Presented, GuardError> {
        let token = refresh_token.token().ok_or(GuardError::MissingToken)?;
        let verified = self.tokens.decode_refresh_token::<Payload>(&token)?;
        let session = match (self.sessions.store()?, verified.session_id()) {
            (Some(_), None) => Err("the refresh token belongs to no session, and sessions are kept"),
            (None, Some(_)) => Err("the refresh token belongs to a session, and none are kept"),
            (_, id) => Ok(id.map(str::to_owned)),
        };
        let session = session.map_err(|reason| TokenError::from(InvalidReason::Session(reason)))?;
        let authenticated_at = verified.authenticated().unwrap_or(Timestamp::FIRST_SECOND);
        Ok(Presented {
            token_id: verified.token_id().to_owned(),
            expires_at: verified.expires(),
            session: session.map(|id| Membership { id, authenticated_at }),
            user: verified.into_claims().into_user_id(),
        })
    }

    /// Looks the user up before anything changes: a lookup that fails costs nobody a session.
    pub(crate) async fn renew(&self, presented: Presented) -> Result<TokenPair, GuardError> {
        let id = &presented.user;
        let Some(user) = self.lookup.identified(id).await?.filter(|user| user.id() == *id) else {
            tracing::info!(target: "gatevault", user = ?id, "refresh refused: no such user");
            return Err(GuardError::invalid_credentials("the user of the refresh token is gone"));
        };
        let now = self.tokens.now()?;
        let session = presented.session.as_ref();
        let successor = self.new_ticket(now, Timestamp::LAST_SECOND)?;
        // An access token does not outlive the refresh token that it came by, and so not the session either. It is made
        // before the rotation, lest claims that cannot be written cost the successor.
        let access = self.access_token(&user, session, now, presented.expires_at)?;
        let ticket = match session {
            Some(session) => {
                self.rotate(session, &presented, successor, stamp_of(user.hashed_password()), now).await?
            }
            None => successor,
        };
        let pair = self.with_refresh_token(access, &user, session, &ticket)?;
        tracing::info!(target: "gatevault", user = ?id, "refreshed");
        Ok(pair)
    }

    /// Exchanges the token in its session. What has ended the session ends its access tokens too.
    async fn rotate(
        &self,
        session: &Membership,
        presented: &Presented,
        successor: RefreshTicket,
        security_stamp: String,
        now: Timestamp,
    ) -> Result<RefreshTicket, GuardError> {
        let rotation = Rotation {
            session: session.id.clone(),
            presented: presented.token_id.clone(),
            successor,
            security_stamp,
            grace: self.sessions.grace,
            now,
        };
        let (user, id) = (&presented.user, &session.id);
        let outcome = self.sessions.rotate(rotation).await?;
        match outcome {
            RotationOutcome::Rotated(ticket) | RotationOutcome::Current(ticket) => return Ok(ticket),
            RotationOutcome::Reused => {
                self.tokens.revoke_session(id);
                tracing::warn!(target: "gatevault", ?user, session = ?id, "refresh token reused: session ended");
            }
            RotationOutcome::Outdated => {
                self.tokens.revoke_session(id);
                tracing::info!(target: "gatevault", ?user, session = ?id, "password changed: session ended");
            }
            RotationOutcome::Expired => {
                tracing::info!(target: "gatevault", ?user, session = ?id, "refresh refused: session over");
                return Err(TokenError::Expired.into());
            }
            RotationOutcome::Unknown | RotationOutcome::Revoked => {
                tracing::info!(target: "gatevault", ?user, session = ?id, ?outcome, "refresh refused: no session");
            }
        }
        Err(TokenError::from(InvalidReason::Revoked).into())
    }

    /// Ends the session of a refresh token; without sessions the token itself, as far as this process is concerned.
    pub(crate) async fn log_out(&self, leaving: Option<Presented>) -> Result<(), GuardError> {
        let Some(presented) = leaving else {
            return Ok(());
        };
        if let Some(session) = presented.session {
            return self.end_one(presented.user, session.id).await.map(drop);
        }
        self.tokens.revoke_token(&presented.token_id, presented.expires_at.system_time());
        tracing::info!(target: "gatevault", user = ?presented.user, "logged out");
        Ok(())
    }

    pub(crate) async fn end_one(&self, user: UserId, session: String) -> Result<bool, GuardError> {
        let ended = self.end(RevokeTarget::Session { user, session }).await?;
        Ok(ended > 0)
    }

    pub(super) async fn end_all(&self, user: UserId) -> Result<usize, GuardError> {
        if self.sessions.store()?.is_none() {
            self.tokens.revoke_user(&user, self.tokens.now()?.system_time());
            tracing::info!(target: "gatevault", ?user, "logged out everywhere");
            return Ok(0);
        }
        self.end(RevokeTarget::All { user }).await
    }

    /// The session that goes on is that of the user as the lookup knows it now, so with the password of now.
    pub(super) async fn end_others(&self, user: UserId, kept: String) -> Result<usize, GuardError> {
        self.sessions.required_store()?;
        let Some(found) = self.lookup.identified(&user).await? else {
            return self.end(RevokeTarget::All { user }).await;
        };
        let security_stamp = stamp_of(found.hashed_password());
        drop(found);
        self.end(RevokeTarget::Others { user, kept, security_stamp }).await
    }

    async fn end(&self, ending: RevokeTarget) -> Result<usize, GuardError> {
        let store = self.sessions.required_store()?;
        let now = self.tokens.now()?;
        let user = match &ending {
            RevokeTarget::Session { user, .. }
            | RevokeTarget::All { user }
            | RevokeTarget::Others { user, .. } => user.clone(),
        };
        let ended = store.revoke(ending, now).await.map_err(store_failed)?;
        for session in &ended {
            self.tokens.revoke_session(session);
        }
        tracing::info!(target: "gatevault", ?user, sessions = ended.len(), "sessions ended");
        Ok(ended.len())
    }

    pub(crate) async fn list(&self, user: UserId) -> Result<Vec<Session>, GuardError> {
        let store = self.sessions.required_store()?;
        store.list(user, self.tokens.now()?).await.map_err(store_failed)
    }
}
