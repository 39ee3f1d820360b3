//! The steps of a login, behind the throttle if there is one, written once for both forms of the handler.

use super::authenticator::{Mode, OutdatedHashes};
use super::user::SecurityStamps;
use super::{AuthUser, LoginRequest, OAuthHandler, SessionRequest, TokenPair};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::GuardError;
use crate::event::{Decision, Event};
use crate::throttle::{
    AttemptOutcome, Leader, LoginAttempt, LoginThrottle, Turn, Verdict, too_many_attempts,
};

impl<S> OAuthHandler<S> {
    /// Logs a user in, behind the throttle if there is one.
    pub(crate) async fn log_in<M: Mode<S>>(
        &self,
        request: LoginRequest<'_>,
    ) -> Result<TokenPair, GuardError> {
        let began = self.issuer.tokens.now()?;
        let (user, stamps) = self.check_password::<M>(request, OutdatedHashes::Replace).await?;
        self.begin_login::<M>(user, stamps, &request, began).await
    }

    /// Begins the session of a user whose password was verified since `began`.
    pub(super) async fn begin_login<M: Mode<S>>(
        &self,
        user: M::User,
        stamps: SecurityStamps,
        request: &LoginRequest<'_>,
        began: Timestamp,
    ) -> Result<TokenPair, GuardError> {
        let (user, age) = self.reload_by_name::<M>(user, request, began).await?;
        let session = SessionRequest { label: request.label, ..SessionRequest::new() };
        let session = session.limited_to(request.scopes);
        let (pair, session) = self.open_session::<M>(&user, age, stamps, &session).await?;
        let event = self.event(Decision::LoggedIn).of_user(user.id()).at_address(request.address);
        Event { session_id: session, ..event.with_token_id(&*pair.access_token_id) }.emit();
        Ok(pair)
    }

    /// Returns the user with this name and password, behind the throttle if there is one.
    ///
    /// Concurrent attempts with the same name and password are counted as one: the others follow the first.
    pub(super) async fn check_password<M: Mode<S>>(
        &self,
        request: LoginRequest<'_>,
        outdated: OutdatedHashes,
    ) -> Result<(M::User, SecurityStamps), GuardError> {
        self.ready()?;
        self.authenticator.require_possible::<M>(request)?;
        let Some(throttle) = &self.throttle else {
            return self.check_uncounted::<M>(request, outdated).await;
        };
        match self.authenticator.groups.join(request.username, request.password).await {
            Turn::Leader(leader) => self.check_first::<M>(throttle, request, outdated, leader).await,
            Turn::Follower(Verdict::Right) => self.check_uncounted::<M>(request, outdated).await,
            Turn::Follower(Verdict::Wrong(user)) => {
                Err(self.authenticator.login_failed(user, request.address))
            }
            Turn::Follower(Verdict::Refused { retry_after, address }) if address == request.address => {
                let denial = too_many_attempts(retry_after);
                self.report_pause(&denial, None, address);
                Err(denial)
            }
            Turn::Alone | Turn::Follower(Verdict::Undecided | Verdict::Refused { .. }) => {
                self.check_counted::<M>(throttle, request, outdated, &mut None).await
            }
        }
    }

    /// Checks the password and settles the group of the attempt.
    async fn check_first<M: Mode<S>>(
        &self,
        throttle: &LoginThrottle,
        request: LoginRequest<'_>,
        outdated: OutdatedHashes,
        leader: Leader<'_>,
    ) -> Result<(M::User, SecurityStamps), GuardError> {
        let mut user = None;
        let login = self.check_counted::<M>(throttle, request, outdated, &mut user).await;
        leader.settle(match &login {
            Ok(_) => Verdict::Right,
            Err(GuardError::InvalidCredentials(_)) => Verdict::Wrong(user),
            Err(GuardError::TooManyAttempts { retry_after }) => {
                Verdict::Refused { retry_after: *retry_after, address: request.address }
            }
            Err(_) => Verdict::Undecided,
        });
        login
    }

    /// Checks the password as an attempt that counts before the user is looked up, and again for the user that was found.
    ///
    /// If the future is dropped, the attempt stays counted: otherwise an attacker could guess, measure the time and hang up.
    async fn check_counted<M: Mode<S>>(
        &self,
        throttle: &LoginThrottle,
        request: LoginRequest<'_>,
        outdated: OutdatedHashes,
        user: &mut Option<UserId>,
    ) -> Result<(M::User, SecurityStamps), GuardError> {
        let (pool, now) = (self.issuer.membership.pool(), self.issuer.tokens.precise_now()?);
        let begun = throttle.begin_attempt(pool, request.username, request.address, now).await;
        let mut attempt = begun.inspect_err(|denial| self.report_pause(denial, None, request.address))?;
        let login = self.check_as::<M>(&mut attempt, request, outdated, user).await;
        match &login {
            Ok(_) => attempt.record_outcome(AttemptOutcome::Succeeded).await,
            Err(GuardError::InvalidCredentials(_)) => {}
            Err(_) => attempt.record_outcome(AttemptOutcome::Undecided).await,
        }
        login
    }

    /// Counts the attempt for the user that the lookup finds, and verifies the password.
    async fn check_as<M: Mode<S>>(
        &self,
        attempt: &mut LoginAttempt<'_>,
        request: LoginRequest<'_>,
        outdated: OutdatedHashes,
        user: &mut Option<UserId>,
    ) -> Result<(M::User, SecurityStamps), GuardError> {
        let found = self.authenticator.find_by_name::<M>(request.username).await?;
        *user = found.as_ref().map(AuthUser::id);
        let counted = attempt.found(user.as_ref(), self.issuer.tokens.precise_now()?).await;
        counted.inspect_err(|denial| self.report_pause(denial, user.as_ref(), request.address))?;
        self.authenticator.authenticate::<M>(found, request, outdated).await
    }

    async fn check_uncounted<M: Mode<S>>(
        &self,
        request: LoginRequest<'_>,
        outdated: OutdatedHashes,
    ) -> Result<(M::User, SecurityStamps), GuardError> {
        let found = self.authenticator.find_by_name::<M>(request.username).await?;
        self.authenticator.authenticate::<M>(found, request, outdated).await
    }
}
