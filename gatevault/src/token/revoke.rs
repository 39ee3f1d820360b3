//! Revoking tokens before they expire.

use std::time::{Duration, SystemTime};

use super::TokenManager;
use super::revocation::Revoked;
use super::trusted::TrustedIssuer;
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::{ConfigError, InvalidReason, TokenError};
use crate::event::{Decision, Event};

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
        self.revoke_validated_token(issuer, token_id, expires_at);
        self.revocation("token", issuer).with_token_id(token_id).emit();
        Ok(())
    }

    /// Revokes a token, without an event.
    pub(crate) fn revoke_validated_token(
        &self,
        issuer: Option<&str>,
        token_id: &str,
        expires_at: SystemTime,
    ) {
        let until = Timestamp::from_system_time(expires_at).unwrap_or(Timestamp::LAST_SECOND);
        let until = until.after(self.longest_leeway());
        self.revoke(&Revoked::Token { issuer, id: token_id, until });
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
        self.revocation("session", issuer).in_session(session_id).emit();
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
        self.revocation("user", issuer).of_user(user).emit();
        Ok(())
    }

    /// Revokes the access tokens of a user without a pool whose claims were read up to `made_until`, such as those with a role that the
    /// user has no longer. Refresh tokens, sessions, API keys and purpose tokens stay valid.
    ///
    /// A token is refused if its `iat` is not later than `made_until`,
    /// [`clock_skew`](crate::token::TokenManagerBuilder::clock_skew) and ten seconds, unless a login service that knew of the
    /// revocation created it: [`OAuthHandler`](crate::OAuthHandler) looks the user up after the revocation, and writes the claim
    /// `claims_since` into the token. So a client refreshes, and the next token is accepted in the same second.
    ///
    /// A `made_until` in the future counts as now: no claims were read then. If the user's access tokens were revoked before, the
    /// new time is at least a second later than the former one: tokens that were created between the two calls are refused too.
    ///
    /// # Errors
    ///
    /// As for [`revoke_user`](Self::revoke_user).
    ///
    /// # Security
    ///
    /// [`create_access_token`](Self::create_access_token) does not know when its caller read the user, and writes no `claims_since`.
    /// Its tokens are refused for the time above, and accepted after it: read the user right before each call.
    ///
    /// Where several processes create tokens, use the method of the handler: it reads the times of earlier revocations in the store.
    /// Two processes that revoke by this method, each for itself, may choose one time, and tokens that one of them creates between
    /// the two calls then stay valid in the other.
    ///
    /// The tokens of another issuer have no such claim that counts here. Theirs are refused for the time above, also after a
    /// refresh.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use gatevault::{Payload, TokenManager};
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let admin = tokens.create_access_token(&Payload::new(42).with("role", "admin"))?;
    /// let refresh = tokens.create_refresh_token(&Payload::new(42))?;
    /// tokens.revoke_access_tokens(None, &42.into(), SystemTime::now())?;
    /// assert!(tokens.decode_access_token::<Payload>(&admin).is_err());
    /// assert!(tokens.decode_refresh_token::<Payload>(&refresh).is_ok());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn revoke_access_tokens(
        &self,
        issuer: Option<&str>,
        user: &UserId,
        made_until: SystemTime,
    ) -> Result<(), ConfigError> {
        self.validate_revocation("revoke_access_tokens", issuer, user.as_str().unwrap_or("a number"))?;
        // A node that knows of a later time would write it into tokens, and no revocation before that time would concern them.
        let latest = self.now().unwrap_or(Timestamp::LAST_SECOND);
        let made_until = Timestamp::from_system_time(made_until).map_or(latest, |until| until.min(latest));
        let former = self.access_tokens_revoked_until(issuer, None, user);
        let made_until = later_than(former, made_until);
        self.revoke(&Revoked::AccessTokens { issuer, pool: None, id: user, made_until });
        self.revocation("access_tokens", issuer).of_user(user).emit();
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

    /// Returns the time up to which the access tokens of a user are known to be revoked.
    pub(crate) fn access_tokens_revoked_until(
        &self,
        issuer: Option<&str>,
        pool: Option<&str>,
        user: &UserId,
    ) -> Option<Timestamp> {
        self.revocations().access_tokens_until(issuer, pool, user)
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
        if list.contains_token(token_id) || list.contains_own_user(pool, user, issued_at, skew) {
            return Err(InvalidReason::Revoked.into());
        }
        Ok(())
    }

    /// Returns whether the revocation of a user up to `made_until` concerns what the user had at `issued_at`: nodes whose clocks are
    /// ahead create later times.
    pub(crate) fn concerns(&self, made_until: Timestamp, issued_at: Timestamp) -> bool {
        issued_at <= made_until.after(self.clock_skew())
    }

    /// Returns the time by which the clocks of nodes may differ.
    pub(crate) fn clock_skew(&self) -> Duration {
        self.settings.first_party().map_or(Duration::ZERO, |issuer| issuer.times.clock_skew)
    }

    /// Returns whether a session store is known to have ended the session.
    pub(crate) fn has_shared_session_ended(&self, session_id: &str) -> bool {
        self.revocations().contains_shared_session(session_id)
    }

    /// Returns the event of a revocation in this process.
    fn revocation(&self, kind: &'static str, issuer: Option<&str>) -> Event {
        let issuer = issuer.or_else(|| self.own_name());
        Event::new(Decision::Revoked { kind, is_stored: false }).of_issuer(issuer.map(str::to_owned))
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

/// Returns the time of a new revocation of a user's access tokens: `now`, or a second after the former one.
///
/// The times of one user are a Lamport clock. Two revocations with the same time, or a later one with an earlier time of a slow
/// clock, would leave the tokens that were created between them.
pub(crate) fn later_than(former: Option<Timestamp>, now: Timestamp) -> Timestamp {
    former.map_or(now, |former| now.max(former.after(Duration::from_secs(1))))
}
