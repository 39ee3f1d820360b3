//! Login on the calling thread.

use std::time::Duration;

use super::{
    AuthUser, CompareAndSet, HashUpdate, LoginRequest, LookupResult, OAuthHandler, SyncLookup, TokenPair,
};
use crate::claims::UserId;
use crate::error::GuardError;
use crate::future::wait_for;
use crate::guard::TokenSource;
use crate::session::Session;
use crate::token::TokenManager;

impl<U: AuthUser> OAuthHandler<SyncLookup<U>> {
    /// A handler that finds users by the name they log in with, on the calling thread.
    ///
    /// The lookup answers `Option<U>` or `Result<Option<U>, E>`.
    pub fn new<R: LookupResult<User = U>>(
        tokens: TokenManager,
        lookup: impl Fn(&str) -> R + Send + Sync + 'static,
    ) -> Self {
        Self::with_lookup(tokens, SyncLookup::by_name(lookup))
    }

    /// How users are found by the id in their refresh token; `refresh` needs it.
    #[must_use]
    pub fn lookup_by_id<R: LookupResult<User = U>>(
        mut self,
        lookup: impl Fn(&UserId) -> R + Send + Sync + 'static,
    ) -> Self {
        self.lookup = self.lookup.or_by_id(lookup);
        self
    }

    /// Stores a new hash where a login has found the stored one outdated: cheaper than the [`hasher`](Self::hasher)'s
    /// settings, or of an older scheme. Unless set, outdated hashes stay as they are.
    #[must_use]
    pub fn on_outdated_hash<R: CompareAndSet>(
        mut self,
        replace: impl Fn(HashUpdate) -> R + Send + Sync + 'static,
    ) -> Self {
        self.lookup = self.lookup.or_replace(replace);
        self
    }

    /// Verifies a name and a password, begins a session, and hands out its tokens.
    ///
    /// # Errors
    ///
    /// [`GuardError::InvalidCredentials`], [`GuardError::TooManyAttempts`] where there is a [`throttle`](Self::throttle),
    /// [`GuardError::Unavailable`] when the lookup or a store failed, or [`GuardError::Config`] when the chosen claims cannot
    /// be written.
    pub fn login(&self, username: &str, password: &str) -> Result<TokenPair, GuardError> {
        self.login_with(LoginRequest::new(username, password))
    }

    /// [`login`](Self::login), with more that is known of who asks.
    ///
    /// # Errors
    ///
    /// As for [`login`](Self::login).
    pub fn login_with(&self, request: LoginRequest<'_>) -> Result<TokenPair, GuardError> {
        wait(self.log_in(request))
    }

    /// Exchanges a refresh token for the next pair, if its session goes on and its user is still there.
    ///
    /// # Errors
    ///
    /// [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, also one whose session has ended,
    /// [`GuardError::InvalidCredentials`] when its user is gone, [`GuardError::Unavailable`] when the lookup or the session
    /// store failed, [`GuardError::Config`] without a `lookup_by_id` or when the chosen claims cannot be written.
    pub fn refresh(&self, refresh_token: impl TokenSource) -> Result<TokenPair, GuardError> {
        wait(self.renew(self.presented(&refresh_token)?))
    }

    /// Ends the session of a refresh token, and its access tokens with it; one that has ended before stays so.
    ///
    /// # Errors
    ///
    /// [`GuardError::MissingToken`] or [`GuardError::Token`] for the token, [`GuardError::Unavailable`] when the session
    /// store failed.
    pub fn logout(&self, refresh_token: impl TokenSource) -> Result<(), GuardError> {
        wait(self.log_out(self.leaving(&refresh_token)?))
    }

    /// Ends every session of a user, and says how many.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] when the session store failed.
    pub fn logout_everywhere(&self, user: impl Into<UserId>) -> Result<usize, GuardError> {
        wait(self.end_all(user.into()))
    }

    /// Ends every session of a user but one, and says how many: what to do after a change of the password.
    ///
    /// The session that goes on is known by [`Verified::session_id`](crate::Verified::session_id). Without this call a
    /// change of the password ends all sessions at their next refresh, this one too.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] when the lookup or the session store failed, [`GuardError::Config`] without a
    /// `lookup_by_id` or when no sessions are kept.
    pub fn logout_others(&self, user: impl Into<UserId>, session_id: &str) -> Result<usize, GuardError> {
        wait(self.end_others(user.into(), session_id.to_owned()))
    }

    /// Ends one session of a user, and says whether it had gone on till then; the session of anybody else does.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] when the session store failed, [`GuardError::Config`] when no sessions are kept.
    pub fn revoke(&self, user: impl Into<UserId>, session_id: &str) -> Result<bool, GuardError> {
        wait(self.end_one(user.into(), session_id.to_owned()))
    }

    /// The sessions of a user that go on, the one that began last first.
    ///
    /// # Errors
    ///
    /// As for [`revoke`](Self::revoke).
    pub fn sessions(&self, user: impl Into<UserId>) -> Result<Vec<Session>, GuardError> {
        wait(self.list(user.into()))
    }
}

/// The steps wait for nothing but the session store and the throttle: the rest they do on this thread.
pub(crate) fn wait<T>(steps: impl Future<Output = Result<T, GuardError>>) -> Result<T, GuardError> {
    wait_for(steps, LONGEST_WAIT).unwrap_or_else(|| {
        Err(GuardError::unavailable(
            "a store did not answer: do not block the executor that it runs on, use `OAuthHandler::new_async` there",
        ))
    })
}

/// Each store has a limit of its own, which comes first.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
