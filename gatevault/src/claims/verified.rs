//! Verified claims.

use std::ops::Deref;
use std::time::{Duration, SystemTime};

use super::{Authentication, InlineId, Registered, TokenKind};
use crate::clock::Timestamp;

/// The claims of a verified token. A value of this type is proof that the token was checked.
///
/// Only verification creates a `Verified` (and `testing::verified`, for tests). A function with a parameter
/// `&Verified<User>` therefore cannot be called without a verified token. It derefs to the claims.
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

    /// Returns the time from which on the token is rejected: its `exp`.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.registered.expires_at.system_time()
    }

    /// Returns the time at which the token was created: its `iat`, which tokens of other issuers may lack.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.registered.issued_at.map(Timestamp::system_time)
    }

    /// Returns the time at which the user logged in, if the token comes from a login: its `auth_time`.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<SystemTime> {
        self.registered.authenticated_at.map(Timestamp::system_time)
    }

    /// Returns the class of the authentication behind the token: its `acr`, which few issuers write.
    ///
    /// The values are agreed with the issuer, such as `phr` for an authentication that resists phishing. Their order is not
    /// known here: no value includes another.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        self.authentication()?.acr.as_deref()
    }

    /// Returns the methods of the authentication behind the token: its `amr`, such as `pwd`, `otp` and `mfa` (RFC 8176).
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{GuardError, Payload, Verified, protected};
    ///
    /// #[protected(require = payload.amr().any(|method| method == "hwk" || method == "swk"))]
    /// fn sign(payload: Verified<Payload>) -> Result<String, GuardError> {
    ///     Ok(format!("signed by user {}", payload.user_id()))
    /// }
    /// # assert!(sign("").is_err());
    /// ```
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        self.authentication().into_iter().flat_map(|used| &used.amr).map(|method| &**method)
    }

    /// Returns the pool of the user: the `pool` of the token, which is absent if the login service has no
    /// [`user_pool`](crate::OAuthHandler::user_pool).
    ///
    /// # Security
    ///
    /// Users of two pools with one id are two users.
    #[must_use]
    pub fn user_pool(&self) -> Option<&str> {
        self.authentication()?.pool.as_deref()
    }

    /// Returns the claims `acr`, `amr`, `pool` and `claims_since` and the service, if the token has one of them.
    pub(crate) fn authentication(&self) -> Option<&Authentication> {
        self.registered.authentication.as_deref()
    }

    /// Returns the time of the user's last known authentication: `auth_time`, or `iat` without it.
    pub(crate) fn authenticated(&self) -> Option<Timestamp> {
        let Registered { authenticated_at, has_unreadable_login, issued_at, .. } = self.registered;
        // The login may be long ago, whenever the token was issued.
        authenticated_at.or_else(|| issued_at.filter(|_| !has_unreadable_login))
    }

    /// Returns whether `auth_time` (or `iat` without it) is at most `max_age` old. A token with neither is not fresh.
    ///
    /// A time ahead of our clock, which the clock skew allows, counts as now.
    pub(crate) fn is_fresh(&self, max_age: Duration, now: Timestamp) -> bool {
        self.authenticated().is_some_and(|authenticated_at| now <= authenticated_at.min(now).after(max_age))
    }

    /// Returns the time of creation in seconds.
    pub(crate) fn issued(&self) -> Option<Timestamp> {
        self.registered.issued_at
    }

    /// Returns the latest revocation of the user's access tokens that our service knew of when it read the claims.
    pub(crate) fn claims_since(&self) -> Option<Timestamp> {
        // Another issuer may mean something else by the name.
        self.authentication().filter(|_| self.foreign_issuer().is_none())?.claims_since
    }

    /// Returns the expiry in seconds.
    pub(crate) fn expires(&self) -> Timestamp {
        self.registered.expires_at
    }

    /// Returns the id of the token: its `jti`, which tokens of other issuers may lack.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.registered.token_id.as_ref().map(InlineId::as_str)
    }

    /// Returns the id of the session that the token belongs to: its `sid`.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.registered.session_id.as_ref().map(InlineId::as_str)
    }

    /// Returns the issuer of the token if it is not us: the name of an [`Issuer`](crate::Issuer) that the manager
    /// [accepts](crate::token::TokenManagerBuilder::accept).
    ///
    /// # Security
    ///
    /// An issuer chooses the ids of its users, and may choose the id of one of ours. If a manager accepts several issuers, a
    /// user is identified by the issuer and the subject together.
    #[must_use]
    pub fn foreign_issuer(&self) -> Option<&str> {
        self.registered.foreign_issuer.as_deref()
    }

    /// Returns the kind of the token: its `type`.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.registered.kind
    }

    /// Returns the claims alone, without the proof of verification.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Payload, TokenManager};
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let access = tokens.create_access_token(&Payload::new(42))?;
    /// let payload: Payload = tokens.decode_access_token::<Payload>(&access)?.into_claims();
    /// # Ok::<(), gatevault::Error>(())
    /// ```
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
