//! A login behind its throttle, where there is one.

use super::{AuthUser, LoginRequest, Lookup, OAuthHandler, TokenPair};
use crate::error::GuardError;
use crate::throttle::AttemptOutcome;

impl<L: Lookup<User: AuthUser>> OAuthHandler<L> {
    /// Counts the attempt before anything is looked up or hashed. Dropped anywhere it stays counted, or else somebody could
    /// guess, measure how long it takes, and hang up.
    pub(crate) async fn log_in(&self, request: LoginRequest<'_>) -> Result<TokenPair, GuardError> {
        let Some(throttle) = &self.throttle else {
            return self.log_in_unthrottled(request).await;
        };
        let now = self.tokens.precise_now()?;
        let place = throttle.admit(request.username, request.address, now).await?;
        let login = self.log_in_unthrottled(request).await;
        match &login {
            Ok(_) => place.settle(AttemptOutcome::Succeeded).await,
            Err(GuardError::InvalidCredentials(_)) => {}
            Err(_) => place.settle(AttemptOutcome::Undecided).await,
        }
        login
    }
}
