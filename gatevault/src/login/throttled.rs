//! A login behind its throttle, where there is one.

use super::{AuthUser, LoginRequest, OAuthHandler, TokenPair, UserLookup};
use crate::error::GuardError;
use crate::throttle::AttemptOutcome;

impl<L: UserLookup<User: AuthUser>> OAuthHandler<L> {
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
            Ok(_) => place.record_outcome(AttemptOutcome::Succeeded).await,
            Err(GuardError::InvalidCredentials(_)) => {}
            Err(_) => place.record_outcome(AttemptOutcome::Undecided).await,
        }
        login
    }
}
