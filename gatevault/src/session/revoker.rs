//! The revoker: writes revocations to a session store, for every process that follows it.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use super::known_revocations::access_tokens_revoked_until;
use super::user_keys::end_keys;
use super::{NewRevocation, Revocation, SessionStore};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::{ConfigError, GuardError, StoreError};
use crate::event::{Decision, Event, StoreOperation};
use crate::future::wait;
use crate::token::{TokenManager, later_than};

/// Revokes tokens and users in a session store and in this process. [`RevocationFeed::revoker`](crate::RevocationFeed::revoker)
/// returns one to a service without logins. Cheap to clone.
///
/// Each method writes to the store first, and then to the list of the [`TokenManager`]. After an error the revocation may be in
/// the store or not, and the call can be repeated.
///
/// A process learns of it through its [`RevocationFeed`](crate::RevocationFeed). An issuer has a name, its `iss`: a service that
/// does not accept the issuer ignores the revocation.
///
/// # Examples
///
/// ```
/// use std::time::SystemTime;
/// use gatevault::{MemorySessions, Payload, RevocationFeed, TokenManager};
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let feed = RevocationFeed::of(MemorySessions::new()).follow(&tokens)?;
/// let access = tokens.create_access_token(&Payload::new(42))?;
///
/// feed.revoker().revoke_user(None, &42.into(), SystemTime::now())?;
/// assert!(tokens.decode_access_token::<Payload>(&access).is_err());
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a revoker does nothing until it is called"]
pub struct Revoker {
    store: Arc<dyn SessionStore>,
    tokens: TokenManager,
    pool: Option<String>,
}

impl Revoker {
    pub(crate) fn new(store: Arc<dyn SessionStore>, tokens: TokenManager) -> Self {
        Self { store, tokens, pool: None }
    }

    /// Returns a revoker for users of this [pool](crate::OAuthHandler::user_pool), of ours or of the issuer that a call names.
    pub fn for_pool(self, pool: Option<String>) -> Self {
        Self { pool, ..self }
    }

    /// Revokes the token with this `jti`. `expires_at` is its expiry.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unavailable`] if the store failed, and [`GuardError::Config`] for an empty id or an issuer that is not
    /// accepted.
    pub fn revoke_token(
        &self,
        issuer: Option<&str>,
        token_id: &str,
        expires_at: SystemTime,
    ) -> Result<(), GuardError> {
        wait(self.async_revoke_token(issuer, token_id, expires_at))
    }

    /// Revokes the tokens of a user that were created up to `made_until`, with the bounds of
    /// [`TokenManager::revoke_user`], and ends the API keys that a user of ours created up to then.
    ///
    /// The keys of another issuer's user end when that issuer revokes the user: a key and a user of ours may have the same id.
    ///
    /// # Errors
    ///
    /// As for [`revoke_token`](Self::revoke_token).
    pub fn revoke_user(
        &self,
        issuer: Option<&str>,
        user: &UserId,
        made_until: SystemTime,
    ) -> Result<(), GuardError> {
        wait(self.async_revoke_user(issuer, user, made_until))
    }

    /// Revokes the access tokens of a user whose claims were read before now, and nothing else: see
    /// [`TokenManager::revoke_access_tokens`]. Call it after the user's role has changed in your database, or the user was removed.
    ///
    /// # Errors
    ///
    /// As for [`revoke_token`](Self::revoke_token).
    pub fn revoke_access_tokens(&self, issuer: Option<&str>, user: &UserId) -> Result<(), GuardError> {
        wait(self.async_revoke_access_tokens(issuer, user))
    }

    /// Revokes the tokens with this `sid` of another issuer, for example when its back-channel logout token arrives.
    ///
    /// # Errors
    ///
    /// As for [`revoke_token`](Self::revoke_token).
    pub fn revoke_session(&self, issuer: &str, session_id: &str) -> Result<(), GuardError> {
        wait(self.async_revoke_session(issuer, session_id))
    }

    /// Revokes a token as [`revoke_token`](Self::revoke_token) does.
    ///
    /// # Errors
    ///
    /// As for [`revoke_token`](Self::revoke_token).
    pub async fn async_revoke_token(
        &self,
        issuer: Option<&str>,
        token_id: &str,
        expires_at: SystemTime,
    ) -> Result<(), GuardError> {
        self.validate("revoke_token", issuer, token_id)?;
        let expires_at = Timestamp::from_system_time(expires_at).unwrap_or(Timestamp::LAST_SECOND);
        self.record(issuer, Revocation::of_token(token_id, expires_at)).await
    }

    /// Revokes a user as [`revoke_user`](Self::revoke_user) does.
    ///
    /// # Errors
    ///
    /// As for [`revoke_token`](Self::revoke_token).
    pub async fn async_revoke_user(
        &self,
        issuer: Option<&str>,
        user: &UserId,
        made_until: SystemTime,
    ) -> Result<(), GuardError> {
        self.validate("revoke_user", issuer, user.as_str().unwrap_or("a number"))?;
        let made_until = Timestamp::from_system_time(made_until).unwrap_or(Timestamp::LAST_SECOND);
        self.record(issuer, Revocation::of_user(user, made_until).with_pool(self.pool.clone())).await?;
        if issuer.is_some() && issuer != self.tokens.own_name() {
            return Ok(());
        }
        let (store, tokens, now) = (&*self.store, &self.tokens, self.tokens.now()?);
        end_keys(store, tokens, self.pool.as_deref(), user, made_until, now).await.map_err(store_failed)
    }

    /// Revokes access tokens as [`revoke_access_tokens`](Self::revoke_access_tokens) does.
    ///
    /// # Errors
    ///
    /// As for [`revoke_token`](Self::revoke_token).
    pub async fn async_revoke_access_tokens(
        &self,
        issuer: Option<&str>,
        user: &UserId,
    ) -> Result<(), GuardError> {
        self.validate("revoke_access_tokens", issuer, user.as_str().unwrap_or("a number"))?;
        let (store, tokens, pool, now) =
            (&*self.store, &self.tokens, self.pool.as_deref(), self.tokens.now()?);
        // Another process may have written one that this process has not learned of. What is written after this read was written
        // after the call began: a node that knows of it reads the user as the caller left them.
        let former = access_tokens_revoked_until(store, tokens, issuer, pool, user, now);
        let made_until = later_than(former.await.map_err(store_failed)?, now);
        let revocation = Revocation::of_access_tokens(user, made_until);
        self.record(issuer, revocation.with_pool(self.pool.clone())).await
    }

    /// Revokes a session as [`revoke_session`](Self::revoke_session) does.
    ///
    /// # Errors
    ///
    /// As for [`revoke_token`](Self::revoke_token).
    pub async fn async_revoke_session(&self, issuer: &str, session_id: &str) -> Result<(), GuardError> {
        self.validate("revoke_session", Some(issuer), session_id)?;
        self.record(Some(issuer), Revocation::of_session(session_id)).await
    }

    fn validate(&self, method: &'static str, issuer: Option<&str>, id: &str) -> Result<(), GuardError> {
        let is_ours = issuer.is_some() && issuer == self.tokens.own_name();
        let foreign = issuer.filter(|_| !is_ours);
        self.tokens.validate_revocation(method, foreign, id).map_err(GuardError::Config)
    }

    /// Writes to the store, then to the list, and emits the event.
    async fn record(&self, issuer: Option<&str>, revocation: Revocation) -> Result<(), GuardError> {
        self.write(issuer, revocation).await?.emit();
        Ok(())
    }

    /// Writes to the store, then to the list. Returns the event.
    pub(crate) async fn write(
        &self,
        issuer: Option<&str>,
        revocation: Revocation,
    ) -> Result<Event, GuardError> {
        // Other services know our tokens by our name.
        let issuer = issuer.or_else(|| self.tokens.own_name());
        let revocation = revocation.with_issuer(issuer.map(str::to_owned));
        let now = self.tokens.now()?;
        let request = NewRevocation::new(revocation.clone(), now);
        self.store.record_revocation(request).await.map_err(store_failed)?;
        revocation.apply_to(&self.tokens).map_err(store_failed)?;
        Ok(revocation.event())
    }
}

/// Returns the denial for a store that failed: nothing is known, and the caller may retry.
pub(crate) fn store_failed(error: StoreError) -> GuardError {
    if let Some(error) = error.downcast_ref::<ConfigError>() {
        return GuardError::Config(error.clone());
    }
    let decision = Decision::StoreFailed { operation: StoreOperation::Session, error: error.to_string() };
    Event::new(decision).emit();
    GuardError::unavailable(error)
}

impl fmt::Debug for Revoker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Revoker").field("pool", &self.pool).finish_non_exhaustive()
    }
}
