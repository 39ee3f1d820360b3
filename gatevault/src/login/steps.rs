//! The steps of a login, a refresh and a logout, written once for both forms of the handler.

use std::error::Error;

use super::authenticator::{Mode, SecurityStamps};
use super::issued::{Issued, TokenSession, VerifiedRefreshToken};
use super::user::security_stamp;
use super::{AuthUser, LoginRequest, OAuthHandler};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::{GuardError, InvalidReason, TokenError};
use crate::guard::TokenSource;
use crate::session::{NewSession, RevokeTarget, Session};
use crate::throttle::AttemptOutcome;

impl<S> OAuthHandler<S> {
    /// Logs a user in, behind the throttle if there is one.
    ///
    /// The attempt counts before the user is looked up. If the future is dropped, it stays counted: otherwise an attacker
    /// could guess, measure the time and hang up.
    pub(crate) async fn log_in<M: Mode<S>>(&self, request: LoginRequest<'_>) -> Result<Issued, GuardError> {
        let Some(throttle) = &self.throttle else {
            return self.log_in_unthrottled::<M>(request).await;
        };
        let now = self.issuer.tokens.precise_now()?;
        let attempt = throttle.begin_attempt(request.username, request.address, now).await?;
        let login = self.log_in_unthrottled::<M>(request).await;
        match &login {
            Ok(_) => attempt.record_outcome(AttemptOutcome::Succeeded).await,
            Err(GuardError::InvalidCredentials(_)) => {}
            Err(_) => attempt.record_outcome(AttemptOutcome::Undecided).await,
        }
        login
    }

    async fn log_in_unthrottled<M: Mode<S>>(&self, request: LoginRequest<'_>) -> Result<Issued, GuardError> {
        let (user, stamps) = self.authenticator.authenticate::<M>(request.username, request.password).await?;
        let issued = self.begin_session::<M>(&user, stamps, request.kept_label()).await?;
        tracing::info!(target: "gatevault", user = ?user.id(), "logged in");
        Ok(issued)
    }

    /// Issues the tokens of a new session, then stores it: claims that cannot be written leave no session.
    async fn begin_session<M: Mode<S>>(
        &self,
        user: &M::User,
        stamps: SecurityStamps,
        label: Option<String>,
    ) -> Result<Issued, GuardError> {
        let now = self.issuer.tokens.now()?;
        let end = self.sessions.session_end(now)?;
        let session = end.map(|_| TokenSession::begin(now)).transpose()?;
        let ticket = self.issuer.new_ticket(now, end.unwrap_or(Timestamp::LAST_SECOND))?;
        let (own, latest) = (session.as_ref(), ticket.expires_at);
        let access = self.issuer.access_token(&M::Claims::from(user), own, now, latest)?;
        let issued = self.issuer.issue(access, user.id(), own, &ticket, now)?;
        if let (Some(session), Some(expires_at)) = (session, end) {
            let new = NewSession {
                id: session.id,
                user: user.id(),
                label,
                authenticated_at: now,
                expires_at,
                ticket,
                security_stamp: stamps.current,
                previous_security_stamp: stamps.previous,
            };
            self.sessions.open(new).await?;
        }
        Ok(issued)
    }

    /// Verifies a refresh token, and that it has a session if and only if sessions are kept.
    pub(crate) fn verify_refresh_token(
        &self,
        refresh_token: &impl TokenSource,
    ) -> Result<VerifiedRefreshToken, GuardError> {
        let verified = self.issuer.verify(refresh_token).and_then(|token| self.sessions.accept(token));
        verified.inspect_err(|denial| {
            tracing::info!(target: "gatevault", %denial, reason = denial.source(), "refresh token refused");
        })
    }

    /// Verifies the refresh token of a logout. Returns `None` if its session is known to have ended, so that a client that
    /// lost the answer may repeat the logout.
    pub(crate) fn verify_for_logout(
        &self,
        refresh_token: &impl TokenSource,
    ) -> Result<Option<VerifiedRefreshToken>, GuardError> {
        match self.verify_refresh_token(refresh_token) {
            Err(GuardError::Token(TokenError::Invalid(InvalidReason::Revoked))) => Ok(None),
            verified => verified.map(Some),
        }
    }

    /// Exchanges a refresh token for the next pair.
    ///
    /// Looks the user up and signs the access token before the rotation: if either fails, the refresh token stays valid.
    pub(crate) async fn renew<M: Mode<S>>(&self, token: VerifiedRefreshToken) -> Result<Issued, GuardError> {
        let id = &token.user;
        let Some(user) = self.authenticator.find_by_id::<M>(id).await? else {
            tracing::info!(target: "gatevault", user = ?id, "refresh refused: no such user");
            return Err(GuardError::invalid_credentials("the user of the refresh token is gone"));
        };
        let now = self.issuer.tokens.now()?;
        let session = token.session.as_ref();
        let successor = self.issuer.new_ticket(now, Timestamp::LAST_SECOND)?;
        // The access token must not outlive the refresh token, and with it the session.
        let access = self.issuer.access_token(&M::Claims::from(&user), session, now, token.expires_at)?;
        let ticket = match session {
            Some(session) => {
                self.sessions.rotate(session, &token, successor, security_stamp(&user), now).await?
            }
            None => successor,
        };
        let issued = self.issuer.issue(access, id.clone(), session, &ticket, now)?;
        tracing::info!(target: "gatevault", user = ?id, "refreshed");
        Ok(issued)
    }

    /// Revokes the session of a refresh token.
    pub(crate) async fn log_out(&self, token: Option<VerifiedRefreshToken>) -> Result<(), GuardError> {
        match token {
            Some(token) => self.sessions.revoke_token(token).await,
            None => Ok(()),
        }
    }

    /// Revokes every session of a user but one, which gets the security stamp of the current password.
    pub(super) async fn revoke_others<M: Mode<S>>(
        &self,
        user: UserId,
        kept: String,
    ) -> Result<usize, GuardError> {
        self.sessions.required_store()?;
        let found = self.authenticator.find_by_id::<M>(&user).await?;
        let security_stamp = found.as_ref().map(security_stamp);
        drop(found);
        let target = match security_stamp {
            Some(security_stamp) => RevokeTarget::Others { user, kept, security_stamp },
            None => RevokeTarget::All { user },
        };
        self.sessions.revoke(target).await
    }

    /// Revokes one session of the user. Returns whether it was active.
    pub(crate) async fn revoke_one(&self, user: UserId, session: String) -> Result<bool, GuardError> {
        self.sessions.revoke_one(user, session).await
    }

    /// Returns the active sessions of the user.
    pub(crate) async fn list(&self, user: UserId) -> Result<Vec<Session>, GuardError> {
        self.sessions.list(user).await
    }
}
