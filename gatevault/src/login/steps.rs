//! The steps that begin a session, refresh and end it, written once for both forms of the handler.

use std::error::Error;

use super::authenticator::{Mode, SecurityStamps};
use super::issued::{Issued, LoginFacts, VerifiedRefreshToken};
use super::issuer::new_id;
use super::misconfigured::misconfigured;
use super::sessions::SessionKeeper;
use super::user::security_stamp;
use super::{AuthUser, OAuthHandler};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::GuardError;
use crate::guard::TokenSource;
use crate::session::{NewSession, RevokeTarget, Revoker, Session, SessionDetails};

impl<S> OAuthHandler<S> {
    /// Issues the tokens of a new session, then stores it: claims that cannot be written leave no session.
    pub(super) async fn begin_session<M: Mode<S>>(
        &self,
        user: &M::User,
        stamps: SecurityStamps,
        label: Option<String>,
    ) -> Result<Issued, GuardError> {
        let now = self.issuer.tokens.now()?;
        let end = self.sessions.session_end(now)?;
        let login = LoginFacts { session: end.map(|_| new_id()).transpose()?, authenticated_at: now };
        let ticket = self.issuer.new_ticket(now, end.unwrap_or(Timestamp::LAST_SECOND))?;
        let access = self.issuer.access_token(&M::Claims::from(user), &login, now, ticket.expires_at)?;
        let issued = self.issuer.issue(access, user.id(), &login, &ticket, now)?;
        if let (Some(id), Some(expires_at)) = (login.session, end) {
            let details = SessionDetails::new(now);
            let new = NewSession {
                pool: self.pool(),
                label,
                previous_security_stamp: stamps.previous,
                limit: self.sessions.limit,
                ..NewSession::new(id, user.id(), expires_at, ticket, stamps.current, details)
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
        logged(self.issuer.verify(refresh_token).and_then(|token| self.ready()?.accept(token)))
    }

    /// Returns the keeper of sessions, or the first error of the settings.
    pub(super) fn ready(&self) -> Result<&SessionKeeper, GuardError> {
        self.validate().map_err(misconfigured)?;
        Ok(&self.sessions)
    }

    /// Returns the pool of the handler's users.
    pub(crate) fn pool(&self) -> Option<String> {
        self.issuer.membership.pool().map(str::to_owned)
    }

    /// Verifies the refresh token of a logout, which may have expired or been revoked: its session can continue. Returns `None` if
    /// the session is known to have ended, so that a client that lost the answer may repeat the logout.
    pub(crate) fn verify_for_logout(
        &self,
        refresh_token: &impl TokenSource,
    ) -> Result<Option<VerifiedRefreshToken>, GuardError> {
        let verified = self.issuer.verify_for_logout(refresh_token);
        let token = logged(verified.and_then(|token| self.ready()?.accept(token)))?;
        Ok((!self.issuer.has_ended(&token)).then_some(token))
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
        let (login, pool) = (&token.login, self.issuer.membership.pool());
        let successor = self.issuer.new_ticket(now, Timestamp::LAST_SECOND)?;
        // The access token must not outlive the refresh token, and with it the session.
        let access = self.issuer.access_token(&M::Claims::from(&user), login, now, token.expires_at)?;
        let ticket = match &login.session {
            Some(session) => {
                self.sessions.rotate(session, &token, successor, security_stamp(&user), pool, now).await?
            }
            None => successor,
        };
        // The lookup takes time, in which the user may have been logged out everywhere.
        self.issuer.tokens.validate_not_revoked(pool, id, &token.token_id, token.issued_at)?;
        let issued = self.issuer.issue(access, id.clone(), login, &ticket, now)?;
        tracing::info!(target: "gatevault", user = ?id, "refreshed");
        Ok(issued)
    }

    /// Revokes the session of a refresh token.
    pub(crate) async fn log_out(&self, token: Option<VerifiedRefreshToken>) -> Result<(), GuardError> {
        match token {
            Some(token) => self.ready()?.log_out(self.pool(), token).await,
            None => Ok(()),
        }
    }

    /// Revokes every session of a user but one, which gets the security stamp of the current password.
    pub(super) async fn revoke_others<M: Mode<S>>(
        &self,
        user: UserId,
        kept: String,
    ) -> Result<usize, GuardError> {
        self.ready()?.required_store()?;
        let found = self.authenticator.find_by_id::<M>(&user).await?;
        let security_stamp = found.as_ref().map(security_stamp);
        drop(found);
        let target = match security_stamp {
            Some(security_stamp) => RevokeTarget::Others { kept, security_stamp },
            None => RevokeTarget::All,
        };
        self.ready()?.revoke(self.pool(), user, target).await
    }

    /// Revokes every session of the user and returns their number. Without sessions, revokes the user's tokens in this
    /// process.
    pub(super) async fn revoke_all(&self, user: UserId) -> Result<usize, GuardError> {
        self.ready()?.revoke_all(self.pool(), user).await
    }

    /// Returns the revoker that writes to the handler's store. The users of another issuer are in no pool of ours.
    pub(super) fn revoker(&self, issuer: Option<&str>) -> Result<Revoker, GuardError> {
        let store = self.ready()?.required_store()?;
        let is_ours = issuer.is_none() || issuer == self.issuer.tokens.own_name();
        let revoker = Revoker::new(store.clone(), self.issuer.tokens.clone());
        Ok(revoker.for_pool(self.pool().filter(|_| is_ours)))
    }

    /// Revokes one session of the user. Returns whether it was active.
    pub(crate) async fn revoke_one(&self, user: UserId, session: String) -> Result<bool, GuardError> {
        self.ready()?.revoke_one(self.pool(), user, session).await
    }

    /// Returns the active sessions of the user.
    pub(crate) async fn list(&self, user: UserId) -> Result<Vec<Session>, GuardError> {
        self.ready()?.list(self.pool(), user).await
    }
}

fn logged(verified: Result<VerifiedRefreshToken, GuardError>) -> Result<VerifiedRefreshToken, GuardError> {
    verified.inspect_err(|denial| {
        tracing::info!(target: "gatevault", %denial, reason = denial.source(), "refresh token refused");
    })
}
