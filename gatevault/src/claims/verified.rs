//! Claims that were verified, and the proof of it.

use std::ops::Deref;
use std::time::SystemTime;

use super::{Id, Registered, TokenKind};
use crate::clock::Timestamp;

/// Claims that came out of a genuine, current token: holding one is proof of the check.
///
/// Nothing but verification makes a `Verified`, so a function that takes `&Verified<User>` cannot be
/// reached without one.
///
/// # Examples
///
/// ```
/// use gatevault::{Payload, TokenManager, Verified};
///
/// fn refund(who: &Verified<Payload>) -> String {
///     format!("refunded by {}", who.user_id())
/// }
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let access = tokens.create_access_token(&Payload::new(42))?;
/// assert_eq!(refund(&tokens.decode_access_token(&access)?), "refunded by 42");
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Verified<C> {
    claims: C,
    registered: Registered,
}

impl<C> Verified<C> {
    pub(crate) fn new(claims: C, registered: Registered) -> Self {
        Self { claims, registered }
    }

    /// When the token stops being accepted: its `exp`.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.registered.expires_at.system_time()
    }

    /// When the token was made: its `iat`, which tokens from elsewhere may lack.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.registered.issued_at.map(Timestamp::system_time)
    }

    /// When the user logged in, where the token belongs to a session: its `auth_time`.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.registered.authenticated_at.map(Timestamp::system_time)
    }

    /// Since when it is known that the user was there: the login, or the token itself where nothing says when that was.
    pub(crate) fn authenticated(&self) -> Option<Timestamp> {
        self.registered.authenticated_at.or(self.registered.issued_at)
    }

    pub(crate) fn expires(&self) -> Timestamp {
        self.registered.expires_at
    }

    /// The token's own id: its `jti`.
    #[must_use]
    pub fn token_id(&self) -> &str {
        self.registered.token_id.as_str()
    }

    /// The session the token belongs to: its `sid`.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.registered.session_id.as_ref().map(Id::as_str)
    }

    /// Who issued the token, where that was not we ourselves: the name under which the manager
    /// [accepts](crate::token::TokenManagerBuilder::accept) that [`Issuer`](crate::Issuer).
    ///
    /// # Security
    ///
    /// An issuer names its users as it likes, also by the id of one of ours: where a manager accepts several, who somebody is
    /// is this and the subject together.
    #[must_use]
    pub fn foreign_issuer(&self) -> Option<&str> {
        self.registered.foreign_issuer.as_deref()
    }

    /// What the token is for: its `type`.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.registered.kind
    }

    /// The claims alone, without the proof.
    #[must_use]
    pub fn into_claims(self) -> C {
        self.claims
    }
}

impl<C> Deref for Verified<C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.claims
    }
}
