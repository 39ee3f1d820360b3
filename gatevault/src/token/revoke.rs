//! Revoking tokens before they expire.

use std::time::SystemTime;

use super::TokenManager;
use super::revocation::Revoked;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::ConfigError;

/// Revocation, in this process and without I/O. It takes effect at once for every guard of this manager and its clones, and an
/// entry is dropped when every token it could reject has expired.
///
/// Ids belong to an issuer. `None` revokes tokens of our own, and `Some(name)` those of an accepted
/// [`Issuer`](crate::Issuer), with the name that [`Verified::foreign_issuer`](crate::Verified::foreign_issuer) returns.
///
/// Other processes learn about revoked sessions from the session store, through a [`RevocationFeed`](crate::RevocationFeed).
/// They do not learn about tokens and users that are revoked here: call these methods in every process.
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

    /// Revokes the tokens of a user that were created up to `made_until`, including the whole second it falls in, and up to
    /// [`clock_skew`](crate::token::TokenManagerBuilder::clock_skew) later by a node whose clock is ahead.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyId`] for an empty id, and [`ConfigError::UnknownIssuer`] for an issuer that is not accepted.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::SystemTime;
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
        self.revoke(&Revoked::User { issuer, id: user, made_until });
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

    /// Rejects every token after this second, until the next call; `None` removes the limit.
    pub(crate) fn trust_revocations_until(&self, last: Option<Timestamp>) {
        self.revocations().trust_until(last);
    }

    fn revoke(&self, revoked: &Revoked<'_>) {
        self.revocations().add(revoked, self.now().ok());
    }

    fn validate_revocation(
        &self,
        method: &'static str,
        issuer: Option<&str>,
        id: &str,
    ) -> Result<(), ConfigError> {
        if id.is_empty() {
            return Err(ConfigError::EmptyId { method });
        }
        let is_accepted = |name: &str| self.settings.trusted.iter().any(|issuer| issuer.is_named(name));
        match issuer.filter(|name| !is_accepted(name)) {
            Some(name) => Err(ConfigError::UnknownIssuer { name: name.to_owned() }),
            None => Ok(()),
        }
    }
}
