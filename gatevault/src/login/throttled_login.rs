//! The steps of a login, behind the throttle if there is one, written once for both forms of the handler.

use super::authenticator::{Mode, login_failed};
use super::issued::Issued;
use super::{AuthUser, LoginRequest, OAuthHandler};
use crate::claims::UserId;
use crate::error::GuardError;
use crate::throttle::{
    AttemptOutcome, Leader, LoginAttempt, LoginThrottle, Turn, Verdict, too_many_attempts,
};

impl<S> OAuthHandler<S> {
    /// Logs a user in, behind the throttle if there is one.
    ///
    /// Concurrent attempts with the same name and password are counted as one: the others follow the first.
    pub(crate) async fn log_in<M: Mode<S>>(&self, request: LoginRequest<'_>) -> Result<Issued, GuardError> {
        self.ready()?;
        self.authenticator.require_possible::<M>(request.username, request.password)?;
        let Some(throttle) = &self.throttle else {
            return self.log_in_uncounted::<M>(request).await;
        };
        match self.authenticator.groups.join(request.username, request.password).await {
            Turn::Leader(leader) => self.log_in_first::<M>(throttle, request, leader).await,
            Turn::Follower(Verdict::Right) => self.log_in_uncounted::<M>(request).await,
            Turn::Follower(Verdict::Wrong(user)) => Err(login_failed(user.as_ref())),
            Turn::Follower(Verdict::Refused { retry_after, address }) if address == request.address => {
                Err(too_many_attempts(retry_after, address))
            }
            Turn::Alone | Turn::Follower(Verdict::Undecided | Verdict::Refused { .. }) => {
                self.log_in_counted::<M>(throttle, request, &mut None).await
            }
        }
    }

    /// Logs in and settles the group of the attempt.
    async fn log_in_first<M: Mode<S>>(
        &self,
        throttle: &LoginThrottle,
        request: LoginRequest<'_>,
        leader: Leader<'_>,
    ) -> Result<Issued, GuardError> {
        let mut user = None;
        let login = self.log_in_counted::<M>(throttle, request, &mut user).await;
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

    /// Logs in as an attempt that counts before the user is looked up, and again for the user that was found.
    ///
    /// If the future is dropped, the attempt stays counted: otherwise an attacker could guess, measure the time and hang up.
    async fn log_in_counted<M: Mode<S>>(
        &self,
        throttle: &LoginThrottle,
        request: LoginRequest<'_>,
        user: &mut Option<UserId>,
    ) -> Result<Issued, GuardError> {
        let (pool, now) = (self.issuer.membership.pool(), self.issuer.tokens.precise_now()?);
        let mut attempt = throttle.begin_attempt(pool, request.username, request.address, now).await?;
        let login = self.log_in_as::<M>(&mut attempt, request, user).await;
        match &login {
            Ok(_) => attempt.record_outcome(AttemptOutcome::Succeeded).await,
            Err(GuardError::InvalidCredentials(_)) => {}
            Err(_) => attempt.record_outcome(AttemptOutcome::Undecided).await,
        }
        login
    }

    /// Counts the attempt for the user that the lookup finds, and verifies the password.
    async fn log_in_as<M: Mode<S>>(
        &self,
        attempt: &mut LoginAttempt<'_>,
        request: LoginRequest<'_>,
        user: &mut Option<UserId>,
    ) -> Result<Issued, GuardError> {
        let found = self.authenticator.find_by_name::<M>(request.username).await?;
        *user = found.as_ref().map(AuthUser::id);
        attempt.found(user.as_ref(), self.issuer.tokens.precise_now()?).await?;
        self.complete_login::<M>(found, request).await
    }

    async fn log_in_uncounted<M: Mode<S>>(&self, request: LoginRequest<'_>) -> Result<Issued, GuardError> {
        let found = self.authenticator.find_by_name::<M>(request.username).await?;
        self.complete_login::<M>(found, request).await
    }

    /// Verifies the password of the user found, and begins a session.
    async fn complete_login<M: Mode<S>>(
        &self,
        found: Option<M::User>,
        request: LoginRequest<'_>,
    ) -> Result<Issued, GuardError> {
        let (user, stamps) =
            self.authenticator.authenticate::<M>(found, request.username, request.password).await?;
        let issued = self.begin_session::<M>(&user, stamps, request.kept_label()).await?;
        tracing::info!(target: "gatevault", user = ?user.id(), "logged in");
        Ok(issued)
    }
}
