//! Revoking tokens before they expire.

use std::time::{Duration, SystemTime};

use super::TokenManager;
use super::revocation::Revoked;
use crate::claims::UserId;
use crate::clock::Timestamp;

/// Revocation. It takes effect at once for every guard of this manager and its clones, and an entry is dropped when every token
/// it could reject has expired.
///
/// Other processes learn about revoked sessions from the session store, through a [`RevocationFeed`](crate::RevocationFeed).
/// They do not learn about tokens and users that are revoked here: call these methods in every process.
///
/// The lookup takes a guard a few nanoseconds for any number of entries, and no I/O.
impl TokenManager {
    /// Revokes the token with this `jti`. `expires_at` is its expiry, after which the entry is dropped.
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
    /// tokens.revoke_token(verified.token_id(), verified.expires_at());
    /// assert!(tokens.decode_access_token::<Payload>(&access).is_err());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn revoke_token(&self, token_id: &str, expires_at: SystemTime) {
        let until = Timestamp::from_system_time(expires_at).unwrap_or(Timestamp::LAST_SECOND);
        self.revoke(&Revoked::Token { id: token_id, until: until.after(self.leeway()) });
    }

    /// Revokes the tokens with this `sid`, for as long as an access token lives.
    ///
    /// # Security
    ///
    /// This does not end the session in the store: [`OAuthHandler`](crate::OAuthHandler) does that, and calls this. A refresh
    /// token is checked against its session when it is exchanged. A guard that requires refresh tokens, however, rejects those of
    /// an ended session only for as long as an access token lives.
    pub fn revoke_session(&self, session_id: &str) {
        let kept = self.access_expiry().saturating_add(self.leeway()).saturating_add(SKEW);
        // Without a valid clock the entry is kept forever.
        let until = self.now().map_or(Timestamp::LAST_SECOND, |now| now.after(kept));
        self.revoke(&Revoked::Session { id: session_id, until });
    }

    /// Revokes the tokens of a user that were created up to `made_until`, including the whole second it falls in.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use gatevault::{Payload, TokenManager};
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let access = tokens.create_access_token(&Payload::new(42))?;
    /// tokens.revoke_user(&42.into(), SystemTime::now());
    /// assert!(tokens.decode_access_token::<Payload>(&access).is_err());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn revoke_user(&self, user: &UserId, made_until: SystemTime) {
        let made_until = Timestamp::from_system_time(made_until).unwrap_or(Timestamp::LAST_SECOND);
        self.revoke(&Revoked::User { id: user, made_until });
    }

    /// Returns the number of entries in the revocation list. Some may have expired already.
    #[must_use]
    pub fn revoked(&self) -> usize {
        self.revocations().len()
    }

    /// Rejects every token after this second, until the next call; `None` removes the limit.
    pub(crate) fn trust_revocations_until(&self, last: Option<Timestamp>) {
        self.revocations().trust_until(last);
    }

    fn revoke(&self, revoked: &Revoked<'_>) {
        // Without a valid clock no entry is evicted.
        let now = self.now().unwrap_or(Timestamp::FIRST_SECOND);
        self.revocations().add(revoked, now);
    }
}

/// The clock difference between two nodes up to which no entry is dropped too early.
const SKEW: Duration = Duration::from_mins(1);
