//! Purpose tokens: what they are for, for whom, and what a verified one says.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::invalidated::session_end;
use crate::base64url;
use crate::claims::{ToClaims, UserId, Verified};
use crate::clock::Timestamp;
use crate::error::{InvalidReason, excerpt};

/// A purpose of tokens, such as a password reset. It is a constant of the application.
///
/// A purpose token opens no guard, is exchanged for no tokens, and serves no other purpose. It dies
/// - when its lifetime is over, to the second: the leeway of the manager does not apply,
/// - with the state to which it is bound: see [`create_purpose_token`](crate::TokenManager::create_purpose_token),
/// - with its first use, if the purpose is [`once`](Self::once),
/// - with the key that signed it, the user's tokens ([`revoke_user`](crate::TokenManager::revoke_user)) and, if it has one, its
///   session.
///
/// # Examples
///
/// A link that confirms an e-mail address. It is bound to the address: after a change of the address it confirms nothing.
///
/// ```
/// use std::time::Duration;
/// use gatevault::token::Purpose;
/// use gatevault::{TokenManager, UserId};
///
/// const CONFIRM_ADDRESS: Purpose = Purpose::new("confirm-address", Duration::from_hours(24));
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let token = tokens.create_purpose_token(&CONFIRM_ADDRESS, &UserId::from(42), "ada@example.com")?;
///
/// let confirmed = tokens.decode_purpose_token(&CONFIRM_ADDRESS, &token, "ada@example.com")?;
/// assert_eq!(confirmed.user_id(), &42.into());
/// assert!(tokens.decode_purpose_token(&CONFIRM_ADDRESS, &token, "eve@example.com").is_err());
/// assert!(tokens.decode_access_token::<gatevault::Payload>(&token).is_err());
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    name: &'static str,
    lifetime: Duration,
    is_once: bool,
}

impl Purpose {
    /// Creates a purpose. The name has characters from `a` to `z`, `0` to `9` and `-`. Fractions of a second are ignored.
    ///
    /// A token cannot live longer than its revocation is kept: for the longer of
    /// [`max_lifetime`](crate::token::TokenManagerBuilder::max_lifetime) and
    /// [`refresh_expiry`](crate::token::TokenManagerBuilder::refresh_expiry) of the manager, which is 7 days unless set.
    /// An invalid name or lifetime is an error of each creation and of each decoding.
    #[must_use]
    pub const fn new(name: &'static str, lifetime: Duration) -> Self {
        Self { name, lifetime, is_once: false }
    }

    /// Allows one use of each token. It is for tokens that no state ends, such as magic links and tickets.
    ///
    /// [`OAuthHandler::redeem_purpose_token`](crate::OAuthHandler::redeem_purpose_token) uses a token up, in the session store.
    ///
    /// # Security
    ///
    /// [`TokenManager::decode_purpose_token`](crate::TokenManager::decode_purpose_token) has no store and uses nothing up: such
    /// a token is good there until it expires.
    #[must_use]
    pub const fn once(mut self) -> Self {
        self.is_once = true;
        self
    }

    /// Returns the name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the lifetime of a token.
    #[must_use]
    pub const fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Returns whether a token may be used once only.
    #[must_use]
    pub const fn is_once(&self) -> bool {
        self.is_once
    }

    /// Returns an error for an invalid name, or for a lifetime that is zero or longer than `limit`.
    pub(super) fn validate(&self, limit: Duration) -> Result<(), InvalidReason> {
        let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if self.name.is_empty() || !self.name.bytes().all(is_allowed) {
            return Err(InvalidReason::PurposeName { name: excerpt(self.name) });
        }
        super::creation::validate_lifetime(self.lifetime, limit)
    }

    /// Returns the message that the signature of a token covers: `token` is its header and its claims.
    ///
    /// Two different inputs never have one message: no part before the last has a colon, and the last has none either. A
    /// colon comes before the first dot, so no verifier of JWS computes this message. `once` is part of it: a service
    /// whose constant lacks it must not accept the token many times.
    pub(super) fn message(&self, state: &[u8], token: &str) -> String {
        let (once, length) = (if self.is_once { "-once" } else { "" }, state.len());
        format!("purpose{once}:{length}:{}:{}:{token}", base64url::encoded(state), self.name)
    }
}

/// The user for whom a purpose token is, with the session and the pool if there are any.
///
/// It is made from a `&UserId`, or from `&Verified<_>`, the payload of a guarded function: the token then ends with the
/// session of that payload.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::token::{Purpose, PurposeSubject};
/// use gatevault::{TokenManager, UserId};
///
/// const TICKET: Purpose = Purpose::new("ticket", Duration::from_secs(30)).once();
///
/// let tokens = TokenManager::builder()
///     .secret("a secret of at least thirty-two bytes")
///     .user_pools(["customers"])
///     .build()?;
/// let user = UserId::from(42);
/// let subject = PurposeSubject::new(&user).session("5b4c1a0e").pool("customers");
/// let ticket = tokens.create_purpose_token(&TICKET, subject, "")?;
/// let verified = tokens.decode_purpose_token(&TICKET, &ticket, "")?;
/// assert_eq!((verified.session_id(), verified.user_pool()), (Some("5b4c1a0e"), Some("customers")));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone, Copy)]
#[must_use = "pass it to `create_purpose_token`"]
pub struct PurposeSubject<'s> {
    pub(super) user: PurposeUser<'s>,
    pub(super) session: Option<&'s str>,
    pub(super) pool: Option<&'s str>,
    /// The service that created the access token with our key, if we have no name: revocations of the user have its name.
    pub(super) service: Option<&'s str>,
    /// The `claims_since` of the access token.
    pub(super) claims_since: Option<Timestamp>,
    /// The `iat` of the access token.
    pub(super) access_issued_at: Option<Timestamp>,
    /// The latest end of a connection that is opened with the token, if it is known: the token has it in its id.
    pub(super) end: Option<Timestamp>,
}

/// The source of a user's id.
#[derive(Clone, Copy)]
pub(super) enum PurposeUser<'s> {
    Id(&'s UserId),
    /// Claims, which write the id under the name that the manager chooses.
    Claims(&'s dyn ToClaims),
    /// A user of this issuer.
    Foreign(&'s str),
}

impl<'s> PurposeSubject<'s> {
    /// Creates a subject without a session and without a pool.
    pub fn new(user: &'s UserId) -> Self {
        let user = PurposeUser::Id(user);
        let (session, pool, service) = (None, None, None);
        Self { user, session, pool, service, claims_since: None, access_issued_at: None, end: None }
    }

    /// Sets the id of the session with which the token ends: [`Verified::session_id`].
    pub fn session(self, id: &'s str) -> Self {
        Self { session: Some(id), ..self }
    }

    /// Sets the pool of the user: the [`user_pool`](crate::OAuthHandler::user_pool) of the handler, if it has one.
    pub fn pool(self, name: &'s str) -> Self {
        Self { pool: Some(name), ..self }
    }
}

impl<'s> From<&'s UserId> for PurposeSubject<'s> {
    fn from(user: &'s UserId) -> Self {
        Self::new(user)
    }
}

impl<'s, C: ToClaims> From<&'s Verified<C>> for PurposeSubject<'s> {
    fn from(verified: &'s Verified<C>) -> Self {
        let claims: &C = verified;
        let user = verified.foreign_issuer().map_or(PurposeUser::Claims(claims), PurposeUser::Foreign);
        let (session, pool) = (verified.session_id(), verified.user_pool());
        let service = verified.authentication().and_then(|known| known.service.as_deref());
        let (claims_since, access_issued_at) = (verified.claims_since(), verified.issued());
        Self { user, session, pool, service, claims_since, access_issued_at, end: end_of(verified) }
    }
}

/// Returns the time at which the session of a token ends unless it is refreshed, or its expiry if it is of no session.
fn end_of<C>(verified: &Verified<C>) -> Option<Timestamp> {
    match verified.session_id() {
        Some(_) => session_end(verified.token_id()?),
        None => Some(verified.expires()),
    }
}

impl fmt::Debug for PurposeSubject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut subject = f.debug_struct("PurposeSubject");
        subject.field("session", &self.session).field("pool", &self.pool).finish_non_exhaustive()
    }
}

/// The contents of a purpose token that was verified.
///
/// Only verification creates it. It is no [`Verified`], so that it proves no access.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a function that needs the proof takes it as an argument"]
pub struct VerifiedPurpose {
    pub(super) user_id: UserId,
    pub(super) token_id: String,
    pub(super) session_id: Option<String>,
    pub(super) pool: Option<String>,
    pub(super) service: Option<String>,
    /// The `claims_since` of the access token for which the ticket was created.
    pub(super) claims_since: Option<Timestamp>,
    /// The `iat` of that access token, if it was created before the ticket.
    pub(super) access_issued_at: Option<Timestamp>,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl VerifiedPurpose {
    /// Returns the id of the user.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Returns the id of the token: its `jti`.
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.token_id
    }

    /// Returns the id of the session that the token belongs to, if it belongs to one: its `sid`.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// Returns the pool of the user, if there is one: the `pool` of the token.
    #[must_use]
    pub fn user_pool(&self) -> Option<&str> {
        self.pool.as_deref()
    }

    /// Returns the time at which the token was created: its `iat`.
    #[must_use]
    pub fn issued_at(&self) -> SystemTime {
        self.issued_at.system_time()
    }

    /// Returns the time from which on the token is rejected: its `exp`.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at.system_time()
    }

    /// Returns the expiry in seconds.
    pub(crate) fn expires(&self) -> Timestamp {
        self.expires_at
    }
}
