//! `mint`: tokens of any age, lifetime and origin.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use super::fault::fail;
use crate::claims::{IssuedClaims, ToClaims, TokenKind};
use crate::clock::Timestamp;
use crate::error::TokenError;
use crate::random::Uuid;
use crate::token::{Purpose, PurposeSubject, TokenManager};

/// Begins a token of this manager, for tests of what a guard accepts and refuses.
///
/// Without settings it is the access token that
/// [`create_access_token`](TokenManager::create_access_token) creates. Unlike there, the token may be expired, not valid yet, too
/// long-lived, or for another service.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::testing::{assert_denied, mint};
/// use gatevault::{GateVault, Payload, TokenManager};
///
/// let tokens = TokenManager::new([7; 32])?;
/// let gate = GateVault::new(tokens.clone());
/// let ada = Payload::new(1);
///
/// let old = mint(&tokens).issued_ago(Duration::from_mins(14)).token(&ada);
/// assert!(gate.verify::<Payload>(&old).is_ok());
/// let expired = mint(&tokens).expired_ago(Duration::from_secs(1)).token(&ada);
/// assert_denied!(gate.verify::<Payload>(&expired), Expired);
/// let early = mint(&tokens).issued_in(Duration::from_mins(5)).token(&ada);
/// assert_denied!(gate.verify::<Payload>(&early), InvalidToken);
/// let refresh = mint(&tokens).refresh().token(&ada);
/// assert_denied!(gate.verify::<Payload>(&refresh), InvalidToken);
/// # Ok::<(), gatevault::Error>(())
/// ```
pub fn mint(tokens: &TokenManager) -> Mint<'_> {
    Mint {
        tokens,
        kind: TokenKind::Access,
        age: Age::IssuedAgo(Duration::ZERO),
        lifetime: None,
        session: None,
        authenticated_ago: None,
        acr: None,
        amr: Vec::new(),
        pool: None,
        issuer: None,
        audience: None,
    }
}

/// The settings of a token; [`mint`] creates them, and [`token`](Self::token) creates the token.
#[derive(Clone)]
#[must_use = "`token(&claims)` creates the token"]
pub struct Mint<'m> {
    tokens: &'m TokenManager,
    kind: TokenKind,
    age: Age,
    lifetime: Option<Duration>,
    session: Option<String>,
    authenticated_ago: Option<Duration>,
    acr: Option<String>,
    amr: Vec<String>,
    pool: Option<String>,
    issuer: Option<String>,
    audience: Option<String>,
}

/// The time of issue: relative to now, or by the expiry.
#[derive(Clone, Copy)]
enum Age {
    IssuedAgo(Duration),
    IssuedIn(Duration),
    ExpiredAgo(Duration),
}

impl Mint<'_> {
    /// Sets the kind to a refresh token.
    pub fn refresh(self) -> Self {
        Self { kind: TokenKind::Refresh, ..self }
    }

    /// Sets the time since `iat`. The default is zero.
    pub fn issued_ago(self, age: Duration) -> Self {
        Self { age: Age::IssuedAgo(age), ..self }
    }

    /// Sets the time until `iat`: a guard refuses the token until then, except for the clock skew.
    pub fn issued_in(self, time: Duration) -> Self {
        Self { age: Age::IssuedIn(time), ..self }
    }

    /// Sets the time since `exp`. The token was issued a lifetime before. A guard accepts it within the leeway of the manager.
    pub fn expired_ago(self, time: Duration) -> Self {
        Self { age: Age::ExpiredAgo(time), ..self }
    }

    /// Sets the time from `iat` to `exp`, also beyond what the manager accepts. The default is
    /// [`access_expiry`](TokenManager::access_expiry) or [`refresh_expiry`](TokenManager::refresh_expiry).
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime: Some(lifetime), ..self }
    }

    /// Sets the session, `sid`, which was begun by a login when the token was issued. No store knows it.
    pub fn session(self, id: impl Into<String>) -> Self {
        Self { session: Some(id.into()), ..self }
    }

    /// Sets the time since the login, `auth_time`. The default with a session is the age of the token; without one the token has
    /// no time of a login.
    pub fn authenticated_ago(self, age: Duration) -> Self {
        Self { authenticated_ago: Some(age), ..self }
    }

    /// Sets the class of the authentication, `acr`.
    pub fn acr(self, class: impl Into<String>) -> Self {
        Self { acr: Some(class.into()), ..self }
    }

    /// Sets the methods of the authentication, `amr` (RFC 8176).
    pub fn amr<I: IntoIterator<Item: Into<String>>>(self, methods: I) -> Self {
        Self { amr: methods.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets the pool of users, as [`user_pool`](crate::OAuthHandler::user_pool) does.
    pub fn pool(self, name: impl Into<String>) -> Self {
        Self { pool: Some(name.into()), ..self }
    }

    /// Sets the issuer, `iss`, instead of the one of the manager. The key is the manager's.
    pub fn issuer(self, name: impl Into<String>) -> Self {
        Self { issuer: Some(name.into()), ..self }
    }

    /// Sets the audience, `aud`, instead of the one of the manager.
    pub fn audience(self, name: impl Into<String>) -> Self {
        Self { audience: Some(name.into()), ..self }
    }

    /// Creates the token.
    ///
    /// # Panics
    ///
    /// If the claims cannot be written, as in [`create_access_token`](TokenManager::create_access_token).
    #[must_use]
    #[track_caller]
    pub fn token<C: ToClaims + ?Sized>(&self, claims: &C) -> String {
        created(self.create(claims))
    }

    /// Creates a token for a purpose instead, such as the link of a mail that was sent an hour ago. The lifetime is that of the
    /// purpose unless [`lifetime`](Self::lifetime) sets another; session and pool are those of the subject.
    ///
    /// # Panics
    ///
    /// If the token cannot be created, as in [`create_purpose_token`](TokenManager::create_purpose_token).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatevault::testing::mint;
    /// use gatevault::token::Purpose;
    /// use gatevault::{TokenManager, UserId};
    ///
    /// const RESET: Purpose = Purpose::new("reset", Duration::from_mins(10));
    ///
    /// let tokens = TokenManager::new([7; 32])?;
    /// let late = mint(&tokens).issued_ago(Duration::from_hours(1)).purpose_token(&RESET, &UserId::from(1), "");
    /// assert!(tokens.decode_purpose_token(&RESET, &late, "").is_err());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn purpose_token<'s>(
        &self,
        purpose: &Purpose,
        subject: impl Into<PurposeSubject<'s>>,
        state: impl AsRef<[u8]>,
    ) -> String {
        created(self.create_for(purpose, &subject.into(), state.as_ref()))
    }

    fn create<C: ToClaims + ?Sized>(&self, claims: &C) -> Result<String, TokenError> {
        let now = self.tokens.now()?;
        let (issued_at, expires_at) = self.times(
            now,
            match self.kind {
                TokenKind::Refresh => self.tokens.refresh_expiry(),
                _ => self.tokens.access_expiry(),
            },
        );
        let session = self.session.as_deref();
        let token_id = self.token_id(issued_at)?;
        let authenticated_at = self.authenticated_ago.map(|age| now.before(age));
        let issued = IssuedClaims {
            session,
            authenticated_at: authenticated_at.or(session.map(|_| issued_at)),
            acr: self.acr.as_deref(),
            amr: &self.amr,
            pool: self.pool.as_deref(),
            issuer: self.issuer.as_deref(),
            audience: self.audience.as_deref(),
            ..IssuedClaims::new(self.kind, token_id.as_str(), issued_at, expires_at)
        };
        self.tokens.create_unvalidated(claims, issued)
    }

    fn create_for(
        &self,
        purpose: &Purpose,
        subject: &PurposeSubject<'_>,
        state: &[u8],
    ) -> Result<String, TokenError> {
        let (issued_at, expires_at) = self.times(self.tokens.now()?, purpose.lifetime());
        let token_id = Uuid::random()?;
        let issued = IssuedClaims {
            issuer: self.issuer.as_deref(),
            audience: self.audience.as_deref(),
            ..IssuedClaims::new(TokenKind::Purpose, token_id.as_str(), issued_at, expires_at)
        };
        self.tokens.create_unvalidated_purpose(purpose, subject, state, issued)
    }

    /// Returns `iat` and `exp`, with the usual lifetime unless another is set.
    fn times(&self, now: Timestamp, usual: Duration) -> (Timestamp, Timestamp) {
        let lifetime = self.lifetime.unwrap_or(usual);
        let issued_at = match self.age {
            Age::IssuedAgo(age) => now.before(age),
            Age::IssuedIn(time) => now.after(time),
            Age::ExpiredAgo(time) => now.before(time).before(lifetime),
        };
        (issued_at, issued_at.after(lifetime))
    }

    /// Returns a new id. That of an access token in a session has the end of the session, as a login creates it.
    fn token_id(&self, issued_at: Timestamp) -> Result<Uuid, TokenError> {
        let session_end = issued_at.after(self.tokens.refresh_expiry());
        Ok(match (&self.session, self.kind) {
            (Some(_), TokenKind::Access) => Uuid::ending_at(session_end.seconds())?,
            _ => Uuid::random()?,
        })
    }
}

/// Returns the token, or fails at the line of the test.
#[track_caller]
fn created(token: Result<String, TokenError>) -> String {
    match token {
        Ok(token) => token,
        Err(error) => {
            let reason = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            fail(Location::caller(), format_args!("the token cannot be created: {error}: {reason}"))
        }
    }
}

impl fmt::Debug for Mint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mint").field("kind", &self.kind).finish_non_exhaustive()
    }
}
