//! Revoking tokens before they expire.

use std::time::{Duration, SystemTime};

use super::TokenManager;
use super::revocation::Revoked;
use super::trusted::TrustedIssuer;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::{ConfigError, InvalidReason, TokenError};

/// Revocation, in this process only and without I/O. It takes effect at once for every guard of this manager and its clones.
/// An entry is removed soon after every token that it could reject has expired: by later revocations, or by a
/// [`RevocationFeed`](crate::RevocationFeed).
///
/// Ids belong to an issuer. `None` revokes tokens of our own, and `Some(name)` those of an accepted
/// [`Issuer`](crate::Issuer), with the name that [`Verified::foreign_issuer`](crate::Verified::foreign_issuer) returns.
///
/// Other processes do not learn of it, and it is lost when the process ends. The methods of the same names of
/// [`OAuthHandler`](crate::OAuthHandler), and of [`Revoker`](crate::session::Revoker) for a service without logins, keep the
/// revocation in the session store, where every process that follows it reads it.
///
/// The lookup takes a guard a few nanoseconds for any number of entries.
impl TokenManager {
    /// Revokes the token with this `jti`. `expires_at` is its expiry, after which the entry is dropped.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyId`] for an empty id: some issuers write no `jti`, and then only the user or the session can be
    /// revoked. [`ConfigError::UnknownIssuer`] for an issuer that is not accepted.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Payload, TokenManager};
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let access = tokens.create_access_token(&Payload::new(42))?;
    /// let verified = tokens.decode_access_token::<Payload>(&access)?;
    ///
    /// let token_id = verified.token_id().unwrap_or_default();
    /// tokens.revoke_token(verified.foreign_issuer(), token_id, verified.expires_at())?;
    /// assert!(tokens.decode_access_token::<Payload>(&access).is_err());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn revoke_token(
        &self,
        issuer: Option<&str>,
        token_id: &str,
        expires_at: SystemTime,
    ) -> Result<(), ConfigError> {
        self.validate_revocation("revoke_token", issuer, token_id)?;
        let until = Timestamp::from_system_time(expires_at).unwrap_or(Timestamp::LAST_SECOND);
        let until = until.after(self.longest_leeway());
        self.revoke(&Revoked::Token { issuer, id: token_id, until });
        Ok(())
    }

    /// Revokes the tokens with this `sid`, for as long as an accepted token can live.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyId`] for an empty id, and [`ConfigError::UnknownIssuer`] for an issuer that is not accepted.
    ///
    /// # Security
    ///
    /// This does not end a session in our store: [`OAuthHandler`](crate::OAuthHandler) ends it and revokes its tokens. Use this
    /// method for a session of another issuer, for example when its back-channel logout token arrives.
    pub fn revoke_session(&self, issuer: Option<&str>, session_id: &str) -> Result<(), ConfigError> {
        self.validate_revocation("revoke_session", issuer, session_id)?;
        self.revoke(&Revoked::Session { issuer, id: session_id });
        Ok(())
    }

    /// Revokes the tokens of a user without a pool that were created up to `made_until`, including the whole second it falls in, and up to
    /// [`clock_skew`](crate::token::TokenManagerBuilder::clock_skew) later by a node whose clock is ahead.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyId`] for an empty id, and [`ConfigError::UnknownIssuer`] for an issuer that is not accepted.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use gatevault::{Payload, TokenManager};
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let access = tokens.create_access_token(&Payload::new(42))?;
    /// tokens.revoke_user(None, &42.into(), SystemTime::now())?;
    /// assert!(tokens.decode_access_token::<Payload>(&access).is_err());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn revoke_user(
        &self,
        issuer: Option<&str>,
        user: &UserId,
        made_until: SystemTime,
    ) -> Result<(), ConfigError> {
        self.validate_revocation("revoke_user", issuer, user.as_str().unwrap_or("a number"))?;
        let made_until = Timestamp::from_system_time(made_until).unwrap_or(Timestamp::LAST_SECOND);
        self.revoke_pool_user(issuer, None, user, made_until);
        Ok(())
    }

    /// Returns the number of entries in the revocation list. Some may have expired already.
    #[must_use]
    pub fn revoked(&self) -> usize {
        self.revocations().len()
    }

    /// Revokes the tokens with the id of a session in a store. The store's login service can be ourselves or an issuer.
    pub(crate) fn revoke_shared_session(&self, session_id: &str) {
        self.revoke(&Revoked::SharedSession { id: session_id });
    }

    /// Revokes the tokens of a user in a pool.
    pub(crate) fn revoke_pool_user(
        &self,
        issuer: Option<&str>,
        pool: Option<&str>,
        user: &UserId,
        made_until: Timestamp,
    ) {
        self.revoke(&Revoked::User { issuer, pool, id: user, made_until });
    }

    /// Returns an error if our refresh token, its user in this pool, or all that the user had at its creation were revoked.
    pub(crate) fn validate_not_revoked(
        &self,
        pool: Option<&str>,
        user: &UserId,
        token_id: &str,
        issued_at: Timestamp,
    ) -> Result<(), TokenError> {
        let (skew, list) = (self.clock_skew(), self.revocations());
        if list.contains_token(token_id) || list.contains_user(None, pool, user, Some(issued_at), skew) {
            return Err(InvalidReason::Revoked.into());
        }
        Ok(())
    }

    /// Returns whether the revocation of a user up to `made_until` concerns what the user had at `issued_at`: nodes whose clocks are
    /// ahead create later times.
    pub(crate) fn concerns(&self, made_until: Timestamp, issued_at: Timestamp) -> bool {
        issued_at <= made_until.after(self.clock_skew())
    }

    pub(super) fn clock_skew(&self) -> Duration {
        self.settings.first_party().map_or(Duration::ZERO, |issuer| issuer.times.clock_skew)
    }

    /// Returns whether a session store is known to have ended the session.
    pub(crate) fn has_shared_session_ended(&self, session_id: &str) -> bool {
        self.revocations().contains_shared_session(session_id)
    }

    /// Returns our name as an issuer, if we have one.
    pub(crate) fn own_name(&self) -> Option<&str> {
        self.settings.first_party()?.name.as_str()
    }

    /// Returns whether a token may name this other issuer: one that is accepted, or any if our own key needs no name.
    pub(crate) fn may_name_issuer(&self, name: &str) -> bool {
        let is_nameless = |issuer: &TrustedIssuer| issuer.name.as_str().is_none();
        self.settings.first_party().is_some_and(is_nameless) || self.accepts_issuer(name)
    }

    fn accepts_issuer(&self, name: &str) -> bool {
        self.settings.trusted.iter().any(|issuer| issuer.is_named(name))
    }

    /// Rejects every token after this second, until the next call; `None` removes the limit.
    pub(crate) fn trust_revocations_until(&self, last: Option<Timestamp>) {
        self.revocations().trust_until(last);
    }

    /// Removes the entries that no accepted token can match any more. Each new entry removes some of them too.
    pub(crate) fn remove_expired_revocations(&self) {
        if let Ok(now) = self.now() {
            self.revocations().remove_expired(now);
        }
    }

    /// Revokes tokens whose issuer was validated.
    pub(crate) fn revoke(&self, revoked: &Revoked<'_>) {
        self.revocations().add(revoked, self.now().ok());
    }

    pub(crate) fn validate_revocation(
        &self,
        method: &'static str,
        issuer: Option<&str>,
        id: &str,
    ) -> Result<(), ConfigError> {
        if id.is_empty() {
            return Err(ConfigError::EmptyId { method });
        }
        match issuer.filter(|name| !self.accepts_issuer(name)) {
            Some(name) => Err(ConfigError::UnknownIssuer { name: name.to_owned() }),
            None => Ok(()),
        }
    }
}
