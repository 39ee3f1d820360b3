//! The session keeper: stores the sessions of a handler, rotates their refresh tokens and revokes them.

use std::sync::{Arc, Once};
use std::time::Duration;

use super::issued::{TokenSession, VerifiedRefreshToken};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::{BoxError, ConfigError, GuardError, InvalidReason, TokenError};
use crate::session::{
    NewSession, RefreshTicket, RevocationFeed, RevokeTarget, Rotation, RotationOutcome, Session, SessionStore,
};
use crate::store::MemorySessions;
use crate::token::TokenManager;

/// Keeps the sessions of a handler, and revokes the access tokens of those that end.
pub(super) struct SessionKeeper {
    tokens: TokenManager,
    /// `None` if the handler is stateless.
    store: Option<Arc<dyn SessionStore>>,
    /// Emits the warning about sessions in memory once. Already fired if a store was chosen.
    memory_warning: Once,
    /// Brings the revocations of other processes. An error if it could not start.
    feed: Option<Result<RevocationFeed, ConfigError>>,
    pub(super) lifetime: Duration,
    pub(super) grace: Duration,
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

    /// Returns the end of a session that begins now, or `None` if no sessions are kept.
    pub(super) fn session_end(&self, now: Timestamp) -> Result<Option<Timestamp>, GuardError> {
        Ok(self.store()?.map(|_| now.after(self.lifetime)))
    }

    /// Accepts a refresh token that has a session if and only if sessions are kept.
    pub(super) fn accept(&self, token: VerifiedRefreshToken) -> Result<VerifiedRefreshToken, GuardError> {
        let reason = match (self.store()?, &token.session) {
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
                "no session store chosen, sessions end with this process: set OAuthHandler::session_store"
            );
        });
        store.open(session).await.map_err(store_failed)
    }

    /// Exchanges a refresh token of a session and returns the ticket of its successor.
    pub(super) async fn rotate(
        &self,
        session: &TokenSession,
        token: &VerifiedRefreshToken,
        successor: RefreshTicket,
        security_stamp: String,
        now: Timestamp,
    ) -> Result<RefreshTicket, GuardError> {
        let rotation = Rotation {
            session: session.id.clone(),
            presented: token.token_id.clone(),
            successor,
            security_stamp,
            grace: self.grace,
            now,
        };
        match self.required_store()?.rotate(rotation).await.map_err(store_failed)? {
            RotationOutcome::Rotated(ticket) | RotationOutcome::Current(ticket) => Ok(ticket),
            outcome => Err(self.rotation_denied(&outcome, &token.user, &session.id)),
        }
    }

    /// Revokes the access tokens of a session that a rotation has ended, and returns the denial.
    fn rotation_denied(&self, outcome: &RotationOutcome, user: &UserId, session: &str) -> GuardError {
        match outcome {
            RotationOutcome::Reused => {
                self.tokens.revoke_shared_session(session);
                tracing::warn!(target: "gatevault", ?user, ?session, "refresh token reused: session ended");
            }
            RotationOutcome::Outdated => {
                self.tokens.revoke_shared_session(session);
                tracing::info!(target: "gatevault", ?user, ?session, "password changed: session ended");
            }
            RotationOutcome::Expired => {
                tracing::info!(target: "gatevault", ?user, ?session, "refresh refused: session expired");
                return TokenError::Expired.into();
            }
            _ => {
                tracing::info!(target: "gatevault", ?user, ?session, ?outcome, "refresh refused: no session");
            }
        }
        TokenError::from(InvalidReason::Revoked).into()
    }

    /// Revokes the session of a refresh token. Without sessions, revokes the token in this process.
    pub(super) async fn revoke_token(&self, token: VerifiedRefreshToken) -> Result<(), GuardError> {
        if let Some(session) = token.session {
            return self.revoke_one(token.user, session.id).await.map(drop);
        }
        let expires_at = token.expires_at.system_time();
        self.tokens.revoke_token(None, &token.token_id, expires_at).map_err(GuardError::Config)?;
        tracing::info!(target: "gatevault", user = ?token.user, "logged out");
        Ok(())
    }

    /// Revokes one session of the user. Returns whether it was active; a session of another user is left alone.
    pub(super) async fn revoke_one(&self, user: UserId, session: String) -> Result<bool, GuardError> {
        let revoked = self.revoke(RevokeTarget::Session { user, session }).await?;
        Ok(revoked > 0)
    }

    /// Revokes every session of the user and returns their number. Without sessions, revokes the user's tokens in this
    /// process.
    pub(super) async fn revoke_all(&self, user: UserId) -> Result<usize, GuardError> {
        if self.store()?.is_none() {
            let now = self.tokens.now()?.system_time();
            self.tokens.revoke_user(None, &user, now).map_err(GuardError::Config)?;
            tracing::info!(target: "gatevault", ?user, "logged out everywhere");
            return Ok(0);
        }
        self.revoke(RevokeTarget::All { user }).await
    }

    /// Revokes sessions and returns their number.
    pub(super) async fn revoke(&self, target: RevokeTarget) -> Result<usize, GuardError> {
        let store = self.required_store()?;
        let now = self.tokens.now()?;
        let user = match &target {
            RevokeTarget::Session { user, .. }
            | RevokeTarget::All { user }
            | RevokeTarget::Others { user, .. } => user.clone(),
        };
        let revoked = store.revoke(target, now).await.map_err(store_failed)?;
        for session in &revoked {
            self.tokens.revoke_shared_session(session);
        }
        tracing::info!(target: "gatevault", ?user, sessions = revoked.len(), "sessions ended");
        Ok(revoked.len())
    }

    /// Returns the active sessions of the user.
    pub(super) async fn list(&self, user: UserId) -> Result<Vec<Session>, GuardError> {
        let store = self.required_store()?;
        store.list(user, self.tokens.now()?).await.map_err(store_failed)
    }

    /// Returns the store, or `None` if the handler is stateless. Fails if the store's feed could not start.
    fn store(&self) -> Result<Option<&dyn SessionStore>, GuardError> {
        match &self.feed {
            Some(Err(error)) => Err(GuardError::Config(error.clone())),
            _ => Ok(self.store.as_deref()),
        }
    }

    /// Returns the store, or an error if there is none.
    pub(super) fn required_store(&self) -> Result<&dyn SessionStore, GuardError> {
        self.store()?.ok_or_else(|| {
            GuardError::Config(ConfigError::Missing {
                setting: "session_store",
                needed_for: "a handler that is `stateless()` keeps no sessions",
            })
        })
    }
}

/// Returns the denial for a store that failed: nothing is known, and the caller may retry.
fn store_failed(error: BoxError) -> GuardError {
    tracing::warn!(target: "gatevault", error = ?error.to_string(), "session store failed");
    GuardError::unavailable(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::future::wait_for;

    fn keeper() -> SessionKeeper {
        SessionKeeper::new(TokenManager::new("a secret of at least thirty-two bytes").unwrap())
    }

    fn token(session: Option<TokenSession>) -> VerifiedRefreshToken {
        let (token_id, expires_at) = ("token".to_owned(), Timestamp::LAST_SECOND);
        VerifiedRefreshToken { user: 1.into(), token_id, expires_at, session }
    }

    fn session() -> TokenSession {
        TokenSession { id: "session".to_owned(), authenticated_at: Timestamp::FIRST_SECOND }
    }

    fn ticket() -> RefreshTicket {
        RefreshTicket::new("ticket".to_owned(), Timestamp::FIRST_SECOND, Timestamp::LAST_SECOND)
    }

    fn rotation(keeper: &SessionKeeper) -> Result<RefreshTicket, GuardError> {
        let (session, now) = (session(), Timestamp::FIRST_SECOND);
        let token = token(Some(session.clone()));
        let rotation = keeper.rotate(&session, &token, ticket(), "stamp".to_owned(), now);
        wait_for(rotation, Duration::from_secs(1)).unwrap()
    }

    #[test]
    fn without_a_store_no_session_is_opened_or_rotated() {
        let keeper = keeper().stateless();
        let (now, end) = (Timestamp::FIRST_SECOND, Timestamp::LAST_SECOND);
        let new = NewSession::new("session".to_owned(), 1.into(), now, end, ticket(), "stamp".to_owned());
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
        assert!(keeping.accept(token(Some(session()))).is_ok() && keeping.accept(token(None)).is_err());
        assert!(stateless.accept(token(None)).is_ok() && stateless.accept(token(Some(session()))).is_err());
    }
}
