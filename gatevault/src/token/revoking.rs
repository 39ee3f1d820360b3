//! Tokens taken back before they expire.

use std::time::{Duration, SystemTime};

use super::TokenManager;
use super::revocation::Revoked;
use crate::claims::UserId;
use crate::clock::Timestamp;

/// What is revoked is refused at once by every guard of this manager and its clones, and forgotten when everything that
/// it could refuse has expired. Other processes hear of sessions that end through their store, with a
/// [`RevocationFeed`](crate::RevocationFeed); of the rest only if they are told.
///
/// To look it up costs a guard a few nanoseconds, whatever the number of entries; nothing is asked of a store.
impl TokenManager {
    /// Refuses the token with this `jti` from now on; `expires_at` says from when on it is worth nothing anyway.
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

    /// Refuses the tokens with this `sid` from now on, for as long as an access token lives.
    ///
    /// # Security
    ///
    /// This ends no session: [`OAuthHandler`](crate::OAuthHandler) does, and calls this. A refresh token is held against
    /// its session whenever it is exchanged; a guard that asks for refresh tokens knows of the end of a session only for
    /// as long as an access token lives.
    pub fn revoke_session(&self, session_id: &str) {
        let kept = self.access_expiry().saturating_add(self.leeway()).saturating_add(SKEW);
        // Where the clock cannot be believed, it is kept for good.
        let until = self.now().map_or(Timestamp::LAST_SECOND, |now| now.after(kept));
        self.revoke(&Revoked::Session { id: session_id, until });
    }

    /// Refuses the tokens of a user that were made until `made_until`, in the whole second that it falls in.
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

    /// How many entries the list of what is revoked has; some may be about to be forgotten.
    #[must_use]
    pub fn revoked(&self) -> usize {
        self.revocations().len()
    }

    /// Refuses every token after this second, unless more is heard; `None` takes that back.
    pub(crate) fn believe_revocations_until(&self, last: Option<Timestamp>) {
        self.revocations().believe_until(last);
    }

    fn revoke(&self, revoked: &Revoked<'_>) {
        // Without a clock that can be believed nothing is forgotten.
        let now = self.now().unwrap_or(Timestamp::FIRST_SECOND);
        self.revocations().add(revoked, now);
    }
}

/// By how much the clocks of two nodes may differ before an entry is forgotten too early.
const SKEW: Duration = Duration::from_mins(1);
