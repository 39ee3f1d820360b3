//! The steps that refresh a session and end it, written once for both forms of the handler.

use std::error::Error;

use super::authenticator::Mode;
use super::claims_age::ClaimsAge;
use super::issued::{LoginFacts, TokenPair, VerifiedRefreshToken};
use super::issuer::AccessToken;
use super::misconfigured::misconfigured;
use super::sessions::SessionKeeper;
use super::user::security_stamp;
use super::{AuthUser as _, OAuthHandler};
use crate::claims::{RequestedScopes, UserId};
use crate::clock::Timestamp;
use crate::error::GuardError;
use crate::event::{Decision, Event, KeptCaller};
use crate::guard::TokenSource;
use crate::session::{ActiveSession, RefreshTicket, RevokeTarget, Revoker, Session, SessionKind};

impl<S> OAuthHandler<S> {
    /// Verifies a refresh token, and that it has a session if and only if sessions are kept.
    pub(crate) fn verify_refresh_token(
        &self,
        refresh_token: &impl TokenSource,
    ) -> Result<VerifiedRefreshToken, GuardError> {
        let mut caller = KeptCaller::default();
        let verified = self.issuer.verify(refresh_token, &mut caller);
        let accepted = verified.and_then(|token| self.ready()?.accept(token));
        accepted.inspect_err(|denial| Event::new(refresh_refused(denial)).of_caller(caller.claims()).emit())
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
        let mut caller = KeptCaller::default();
        let verified = self.issuer.verify_for_logout(refresh_token, &mut caller);
        let token = verified.and_then(|token| self.ready()?.accept(token)).inspect_err(|denial| {
            Event::new(refresh_refused(denial)).of_caller(caller.claims()).emit();
        })?;
        Ok((!self.issuer.has_ended(&token)).then_some(token))
    }

    /// Exchanges a refresh token for the next pair.
    pub(crate) async fn renew<M: Mode<S>>(
        &self,
        token: VerifiedRefreshToken,
    ) -> Result<TokenPair, GuardError> {
        self.renew_within::<M>(token, None).await
    }

    /// Exchanges a refresh token for the next pair, whose access token has the requested scopes if there are any.
    ///
    /// Looks the user up and signs the access token before the rotation: if either fails, the refresh token stays valid. The
    /// authentication comes from the store: the session may have been stepped up since the presented token was issued.
    pub(crate) async fn renew_within<M: Mode<S>>(
        &self,
        mut token: VerifiedRefreshToken,
        requested: Option<RequestedScopes>,
    ) -> Result<TokenPair, GuardError> {
        token.login.requested = requested;
        let id = &token.user;
        let Some((user, age)) = self.find_current::<M>(id).await? else {
            token.named_in(self.event(Decision::UserGone)).emit();
            return Err(GuardError::invalid_credentials("the user of the refresh token is gone"));
        };
        let now = self.issuer.tokens.now()?;
        let (login, pool) = (&token.login, self.issuer.membership.pool());
        let successor = self.issuer.new_ticket(now, Timestamp::LAST_SECOND)?;
        let access = self.access_token::<M>(&user, age, login, &successor, now)?;
        let active = match &login.session {
            Some(session) => {
                let stamp = security_stamp(&user);
                self.sessions.rotate(session, &token, successor, stamp, pool, now).await?
            }
            None => ActiveSession::new(successor, login.details.clone()),
        };
        // The lookup takes time, in which the user may have been logged out everywhere.
        let revoked = self.issuer.tokens.validate_not_revoked(pool, id, &token.token_id, token.issued_at);
        revoked.map_err(GuardError::from).inspect_err(|denial| {
            token.named_in(self.event(refresh_refused(denial))).emit();
        })?;
        let access = self.up_to_date::<M>(access, &user, login.session.clone(), active, now)?;
        let pair = self.issuer.pair(access, id.clone(), now)?;
        token.named_in(self.event(Decision::Refreshed)).emit();
        Ok(pair)
    }

    /// Signs the access token of a user in a session.
    pub(super) fn access_token<M: Mode<S>>(
        &self,
        user: &M::User,
        age: ClaimsAge,
        login: &LoginFacts,
        ticket: &RefreshTicket,
        now: Timestamp,
    ) -> Result<AccessToken, GuardError> {
        let claims = M::claims(&self.authenticator.users, user, &login.details);
        let token = self.issuer.access_token(&claims, age, login, ticket, now);
        token.inspect_err(|denial| self.report_scope(denial, user.id(), login.session.clone()))
    }

    /// Returns the access token, or another one if it does not describe the session as the store has it.
    pub(super) fn up_to_date<M: Mode<S>>(
        &self,
        access: AccessToken,
        user: &M::User,
        session: Option<String>,
        active: ActiveSession,
        now: Timestamp,
    ) -> Result<AccessToken, GuardError> {
        if access.describes(&active) {
            return Ok(access);
        }
        let requested = access.requested();
        let login = LoginFacts { requested, ..LoginFacts::new(session, active.details) };
        self.access_token::<M>(user, access.age(), &login, &active.ticket, now)
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

    /// Returns the active sessions of the user's logins.
    pub(crate) async fn list(&self, user: UserId) -> Result<Vec<Session>, GuardError> {
        let sessions = self.list_all(user).await?.into_iter();
        Ok(sessions.filter(|session| session.details.kind == SessionKind::Login).collect())
    }

    /// Returns the active sessions of the user, those of API keys too.
    pub(super) async fn list_all(&self, user: UserId) -> Result<Vec<Session>, GuardError> {
        self.ready()?.list(self.pool(), user).await
    }
}

fn refresh_refused(denial: &GuardError) -> Decision {
    let reason = denial.source().map(ToString::to_string);
    Decision::RefreshRefused { denial: denial.to_string(), reason }
}
