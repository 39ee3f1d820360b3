//! The session keeper: stores the sessions of a handler, rotates their refresh tokens and revokes them.

use std::sync::{Arc, Once};
use std::time::Duration;

use super::issued::VerifiedRefreshToken;
use super::misconfigured::misconfigured;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::{ConfigError, GuardError, InvalidReason, TokenError};
use crate::event::{Decision, Event};
use crate::session::{
    ListSessions, NewSession, RefreshGrace, RevocationFeed, RevokeSessions, RevokeTarget, Session,
    SessionStore, store_failed,
};
use crate::store::MemorySessions;
use crate::token::TokenManager;

/// Keeps the sessions of a handler, and revokes the access tokens of those that end.
pub(super) struct SessionKeeper {
    pub(super) tokens: TokenManager,
    /// `None` if the handler is stateless.
    store: Option<Arc<dyn SessionStore>>,
    /// Emits the warning about sessions in memory once. Already fired if a store was chosen.
    memory_warning: Once,
    /// Brings the revocations of other processes. An error if it could not start.
    feed: Option<Result<RevocationFeed, ConfigError>>,
    pub(super) lifetime: Duration,
    pub(super) grace: Duration,
    /// The number of sessions that a user may have.
    pub(super) limit: Option<usize>,
    /// The first invalid setting of the handler. Each operation returns it.
    invalid: Option<ConfigError>,
}

impl SessionKeeper {
    /// Creates a keeper with a store in memory.
    pub(super) fn new(tokens: TokenManager) -> Self {
        Self {
            tokens,
            store: Some(Arc::new(MemorySessions::new())),
            memory_warning: Once::new(),
            feed: None,
            lifetime: Duration::from_hours(30 * 24),
            grace: Duration::from_secs(10),
            limit: Some(DEFAULT_LIMIT),
            invalid: None,
        }
    }

    /// Sets the store, and starts a feed if other processes share it.
    pub(super) fn with_store(self, store: Arc<dyn SessionStore>) -> Self {
        let feed = store.is_shared().then(|| {
            let feed = RevocationFeed::from_shared(Arc::clone(&store)).follow(&self.tokens);
            feed.inspect_err(
                |error| tracing::error!(target: "gatevault", %error, "revocation feed could not start"),
            )
        });
        self.chosen(Some(store), feed)
    }

    /// Removes the store.
    pub(super) fn stateless(self) -> Self {
        self.chosen(None, None)
    }

    fn chosen(
        self,
        store: Option<Arc<dyn SessionStore>>,
        feed: Option<Result<RevocationFeed, ConfigError>>,
    ) -> Self {
        self.memory_warning.call_once(|| {});
        Self { store, feed, ..self }
    }

    pub(super) fn with_grace(self, grace: RefreshGrace) -> Self {
        match grace.validated() {
            Ok(grace) => Self { grace, ..self },
            Err(error) => self.invalid(error),
        }
    }

    pub(super) fn with_limit(self, limit: usize) -> Self {
        match ConfigError::number_within("session_limit", limit, 1, usize::MAX) {
            Ok(()) => Self { limit: Some(limit), ..self },
            Err(error) => self.invalid(error),
        }
    }

    /// Keeps the first error of a setting.
    pub(super) fn invalid(mut self, error: ConfigError) -> Self {
        self.invalid.get_or_insert(error);
        self
    }

    /// Returns the first error of a setting.
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let feed = self.feed.as_ref().and_then(|feed| feed.as_ref().err());
        self.invalid.as_ref().or(feed).map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Returns the end of a session that begins now, or `None` if no sessions are kept.
    pub(super) fn session_end(
        &self,
        now: Timestamp,
        lifetime: Option<Duration>,
    ) -> Result<Option<Timestamp>, GuardError> {
        Ok(self.store()?.map(|_| now.after(lifetime.unwrap_or(self.lifetime))))
    }

    /// Accepts a refresh token that has a session if and only if sessions are kept.
    pub(super) fn accept(&self, token: VerifiedRefreshToken) -> Result<VerifiedRefreshToken, GuardError> {
        let reason = match (self.store()?, &token.login.session) {
            (Some(_), None) => "the refresh token belongs to no session, and sessions are kept",
            (None, Some(_)) => "the refresh token belongs to a session, and none are kept",
            _ => return Ok(token),
        };
        Err(TokenError::from(InvalidReason::Session(reason)).into())
    }

    /// Stores a new session.
    pub(super) async fn open(&self, session: NewSession) -> Result<(), GuardError> {
        let store = self.required_store()?;
        self.memory_warning.call_once(|| {
            tracing::warn!(
                target: "gatevault",
                "no session store chosen, a restart ends sessions and makes revoked access tokens valid again: set OAuthHandler::session_store"
            );
        });
        let (user, id) = (session.user.clone(), session.id.clone());
        let ended = store.open(session).await.map_err(store_failed)?;
        for session in &ended {
            self.tokens.revoke_shared_session(session);
        }
        if !ended.is_empty() {
            let decision = Decision::SessionLimitReached { sessions: ended.len() };
            Event::ours(&self.tokens, decision).of_user(user).in_session(id).emit();
        }
        Ok(())
    }

    /// Revokes the session of a refresh token. Without sessions, revokes the token in this process.
    pub(super) async fn log_out(
        &self,
        pool: Option<String>,
        token: VerifiedRefreshToken,
    ) -> Result<(), GuardError> {
        if let Some(session) = token.login.session {
            return self.revoke_one(pool, token.user, session).await.map(drop);
        }
        let expires_at = token.expires_at.system_time();
        self.tokens.revoke_validated_token(None, &token.token_id, expires_at);
        token.named_in(Event::ours(&self.tokens, Decision::LoggedOut)).emit();
        Ok(())
    }

    /// Revokes one session of the user. Returns whether it was active; a session of another user is left alone.
    pub(super) async fn revoke_one(
        &self,
        pool: Option<String>,
        user: UserId,
        session: String,
    ) -> Result<bool, GuardError> {
        Ok(self.revoke(pool, user, RevokeTarget::One(session)).await? > 0)
    }

    /// Revokes the sessions of the user that are the target and returns their number. Without sessions, revokes the user's tokens in
    /// this process.
    pub(super) async fn revoke_all(
        &self,
        pool: Option<String>,
        user: UserId,
        target: RevokeTarget,
    ) -> Result<usize, GuardError> {
        if self.store()?.is_none() {
            self.tokens.revoke_pool_user(None, pool.as_deref(), &user, self.tokens.now()?);
            Event::ours(&self.tokens, Decision::LoggedOutEverywhere).of_user(user).emit();
            return Ok(0);
        }
        self.revoke(pool, user, target).await
    }

    /// Revokes sessions and returns their number.
    pub(super) async fn revoke(
        &self,
        pool: Option<String>,
        user: UserId,
        target: RevokeTarget,
    ) -> Result<usize, GuardError> {
        let store = self.required_store()?;
        let now = self.tokens.now()?;
        let one = match &target {
            RevokeTarget::One(session) => Some(session.clone()),
            _ => None,
        };
        let request = RevokeSessions { pool, user: user.clone(), target, now };
        let revoked = store.revoke(request).await.map_err(store_failed)?;
        for session in &revoked {
            self.tokens.revoke_shared_session(session);
        }
        let decision = Decision::SessionsEnded { sessions: revoked.len() };
        Event { session_id: one, ..Event::ours(&self.tokens, decision).of_user(user) }.emit();
        Ok(revoked.len())
    }

    /// Returns the active sessions of the user.
    pub(super) async fn list(&self, pool: Option<String>, user: UserId) -> Result<Vec<Session>, GuardError> {
        let store = self.required_store()?;
        let request = ListSessions { pool, user, now: self.tokens.now()? };
        store.list(request).await.map_err(store_failed)
    }

    /// Returns the store, or `None` if the handler is stateless. Fails if a setting is invalid.
    pub(super) fn store(&self) -> Result<Option<&Arc<dyn SessionStore>>, GuardError> {
        self.validate().map_err(GuardError::Config)?;
        Ok(self.store.as_ref())
    }

    /// Returns the store, or an error if there is none.
    pub(super) fn required_store(&self) -> Result<&Arc<dyn SessionStore>, GuardError> {
        self.store()?.ok_or_else(|| {
            misconfigured(ConfigError::Missing {
                setting: "session_store",
                needed_for: "a handler that is `stateless()` keeps no sessions",
            })
        })
    }
}

/// The number of sessions that a user may have unless another is set.
const DEFAULT_LIMIT: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::future::wait_for;
    use crate::login::issued::LoginFacts;
    use crate::session::{ActiveSession, RefreshTicket, SessionDetails};

    fn keeper() -> SessionKeeper {
        SessionKeeper::new(TokenManager::new("a secret of at least thirty-two bytes").unwrap())
    }

    fn token(session: Option<&str>) -> VerifiedRefreshToken {
        let details = SessionDetails::new(Timestamp::FIRST_SECOND);
        let login = LoginFacts::new(session.map(str::to_owned), details);
        let (token_id, issued_at) = ("token".to_owned(), Timestamp::FIRST_SECOND);
        VerifiedRefreshToken {
            user: 1.into(),
            token_id,
            issued_at,
            expires_at: Timestamp::LAST_SECOND,
            login,
            csrf_subject: String::new(),
        }
    }

    fn ticket() -> RefreshTicket {
        RefreshTicket::new("ticket".to_owned(), Timestamp::FIRST_SECOND, Timestamp::LAST_SECOND)
    }

    fn rotation(keeper: &SessionKeeper) -> Result<ActiveSession, GuardError> {
        let (token, now) = (token(Some("session")), Timestamp::FIRST_SECOND);
        let rotation = keeper.rotate("session", &token, ticket(), "stamp".to_owned(), None, now);
        wait_for(rotation, Duration::from_secs(1)).unwrap()
    }

    #[test]
    fn without_a_store_no_session_is_opened_or_rotated() {
        let keeper = keeper().stateless();
        let (now, end) = (Timestamp::FIRST_SECOND, Timestamp::LAST_SECOND);
        let (id, stamp, details) = ("session".to_owned(), "stamp".to_owned(), SessionDetails::new(now));
        let new = NewSession::new(id, 1.into(), end, ticket(), stamp, details);
        let opened = wait_for(keeper.open(new), Duration::from_secs(1)).unwrap();
        assert!(matches!(opened, Err(GuardError::Config(_))), "{opened:?}");
        assert!(matches!(rotation(&keeper), Err(GuardError::Config(_))));
    }

    #[test]
    fn an_unknown_session_is_not_rotated() {
        let outcome = rotation(&keeper());
        assert!(matches!(outcome, Err(GuardError::Token(TokenError::Invalid(InvalidReason::Revoked)))));
    }

    #[test]
    fn a_token_has_a_session_exactly_if_sessions_are_kept() {
        let (keeping, stateless) = (keeper(), keeper().stateless());
        assert!(keeping.accept(token(Some("session"))).is_ok() && keeping.accept(token(None)).is_err());
        assert!(stateless.accept(token(None)).is_ok() && stateless.accept(token(Some("session"))).is_err());
    }
}
