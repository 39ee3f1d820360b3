//! Creates and verifies tokens.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::jws;
use super::revocation::Revocations;
use super::settings::Settings;
use super::{TokenManagerBuilder, TokenText};
use crate::claims::{FromClaims, ParseState, Payload, ToClaims, TokenKind, Verified};
use crate::clock::Timestamp;
use crate::error::{ConfigError, DecodeReason, Error, InvalidReason, Segment, TokenError, Warning};
use crate::event::{CallerClaims, KeptCaller};

/// Creates and verifies access and refresh tokens. Cheap to clone, and safe to share between threads.
///
/// # Examples
///
/// ```
/// use gatevault::{Claims, TokenManager};
///
/// #[derive(Claims)]
/// struct User {
///     user_id: u64,
///     org_id: Option<u64>,
/// }
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let access = tokens.create_access_token(&User { user_id: 42, org_id: Some(7) })?;
/// let user = tokens.decode_access_token::<User>(&access)?;
/// assert_eq!((user.user_id, user.org_id), (42, Some(7)));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
pub struct TokenManager {
    pub(super) settings: Arc<Settings>,
}

impl TokenManager {
    /// Creates a manager for HS256 with `secret`: access tokens live for 15 minutes, refresh tokens for 7 days.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`] for an empty secret, and [`ConfigError::KeyAsSecret`] for an encoded key.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        Self::builder().secret(secret).build()
    }

    /// Creates a builder with default settings and no key.
    pub fn builder() -> TokenManagerBuilder {
        TokenManagerBuilder::default()
    }

    pub(super) fn from_settings(settings: Settings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    /// Creates a signed access token, which opens guarded functions. It expires after [`access_expiry`](Self::access_expiry).
    ///
    /// # Errors
    ///
    /// [`TokenError::Invalid`] if the claims use the name of a registered claim, cannot be serialized as JSON, or make the
    /// token longer than the manager accepts.
    pub fn create_access_token<C: ToClaims + ?Sized>(&self, claims: &C) -> Result<String, TokenError> {
        self.create(claims, TokenKind::Access, self.settings.access_expiry)
    }

    /// Creates a signed refresh token, which is exchanged for new tokens. It expires after
    /// [`refresh_expiry`](Self::refresh_expiry).
    ///
    /// # Errors
    ///
    /// As for [`create_access_token`](Self::create_access_token).
    pub fn create_refresh_token<C: ToClaims + ?Sized>(&self, claims: &C) -> Result<String, TokenError> {
        self.create(claims, TokenKind::Refresh, self.settings.refresh_expiry)
    }

    /// Verifies a token of either kind and reads its claims. [`Verified::kind`] returns the kind.
    ///
    /// # Errors
    ///
    /// [`TokenError::Decode`] for a string that is not a JWT, [`TokenError::Expired`] for an expired token, and
    /// [`TokenError::Invalid`] for a token that is not trusted or not for us.
    pub fn decode_token<C: for<'t> FromClaims<'t>>(&self, token: &str) -> Result<Verified<C>, TokenError> {
        self.decode_in(token, None, &mut TokenText::new())
    }

    /// Verifies an access token and reads its claims.
    ///
    /// # Errors
    ///
    /// As for [`decode_token`](Self::decode_token), and `Invalid(Kind)` for a refresh token.
    pub fn decode_access_token<C: for<'t> FromClaims<'t>>(
        &self,
        token: &str,
    ) -> Result<Verified<C>, TokenError> {
        self.decode_in(token, Some(TokenKind::Access), &mut TokenText::new())
    }

    /// Verifies a refresh token and reads its claims.
    ///
    /// # Errors
    ///
    /// As for [`decode_token`](Self::decode_token), and `Invalid(Kind)` for an access token.
    pub fn decode_refresh_token<C: for<'t> FromClaims<'t>>(
        &self,
        token: &str,
    ) -> Result<Verified<C>, TokenError> {
        self.decode_in(token, Some(TokenKind::Refresh), &mut TokenText::new())
    }

    /// Returns how long an access token lives.
    #[must_use]
    pub fn access_expiry(&self) -> Duration {
        self.settings.access_expiry
    }

    /// Returns how long a refresh token lives.
    #[must_use]
    pub fn refresh_expiry(&self) -> Duration {
        self.settings.refresh_expiry
    }

    /// Retires a key of our [`KeyRing`](crate::KeyRing): it verifies until the last token it can have signed has expired, and
    /// is dropped then. That is after the longest of [`refresh_expiry`](Self::refresh_expiry) and
    /// [`max_lifetime`](crate::token::TokenManagerBuilder::max_lifetime).
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], [`ConfigError::KeyInUse`] for the signing key, and [`TokenError::Invalid`] if the clock
    /// is outside the years 1970 to 9999.
    pub fn retire_key(&self, id: &str) -> Result<(), Error> {
        let settings = &*self.settings;
        let first_party = settings.first_party().ok_or(ConfigError::MissingKey)?;
        let now = self.now()?;
        let longest = settings.longest_own_lifetime();
        Ok(first_party.keys.retire_at(id, now.after(longest).after(first_party.times.leeway))?)
    }

    /// Returns warnings about weak settings, such as a short secret, also of keys that were added later.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        self.settings.trusted.iter().flat_map(|issuer| issuer.keys.warnings()).collect()
    }

    /// Verifies an access token and reads claims that may borrow from it. The decoded claims are stored in `text`.
    ///
    /// # Errors
    ///
    /// As for [`decode_access_token`](Self::decode_access_token).
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::token::TokenText;
    /// use gatevault::{Claims, Payload, TokenManager};
    ///
    /// #[derive(Claims)]
    /// struct User<'t> {
    ///     user_id: u64,
    ///     name: &'t str,
    /// }
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let access = tokens.create_access_token(&User { user_id: 42, name: "Ada" })?;
    ///
    /// let mut text = TokenText::new();
    /// let user = tokens.decode_access_token_in::<User<'_>>(&access, &mut text)?;
    /// assert_eq!(user.name, "Ada");
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn decode_access_token_in<'t, C: FromClaims<'t>>(
        &self,
        token: &str,
        text: &'t mut TokenText,
    ) -> Result<Verified<C>, TokenError> {
        self.decode_in(token, Some(TokenKind::Access), text)
    }

    fn decode_in<'t, C: FromClaims<'t>>(
        &self,
        token: &str,
        expected: Option<TokenKind>,
        text: &'t mut TokenText,
    ) -> Result<Verified<C>, TokenError> {
        self.decode_at(token, expected, text, &mut CallerClaims::unknown(), self.now()?)
    }

    /// Decodes a token, and keeps in `caller` whom it names once the signature is verified.
    pub(crate) fn decode_presented(
        &self,
        token: &str,
        expected: TokenKind,
        caller: &mut KeptCaller,
    ) -> Result<Verified<Payload>, TokenError> {
        let (mut text, mut claims) = (TokenText::new(), CallerClaims::unknown());
        let verified = self.decode_at(token, Some(expected), &mut text, &mut claims, self.now()?);
        *caller = KeptCaller::of(claims);
        verified
    }

    /// Decodes a token at the time `now`, and sets `caller` once the signature is verified.
    ///
    /// The error type is the caller's: converting the error in a returned `Result` would move the claims.
    pub(crate) fn decode_at<'t, C: FromClaims<'t>, E: From<TokenError>>(
        &self,
        token: &str,
        expected: Option<TokenKind>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
        now: Timestamp,
    ) -> Result<Verified<C>, E> {
        let settings = &*self.settings;
        let jws = jws::verify(token, settings, now, text)?;
        let issuer = jws.issuer;
        *caller = CallerClaims::new(jws.claims, issuer.subject_claim);
        let json = std::str::from_utf8(jws.claims)
            .map_err(|_| TokenError::Decode(DecodeReason::Json(Segment::Claims)))?;
        let mut state = ParseState::new(issuer.is_foreign());
        let claims = state.read::<C>(json, issuer.subject_claim)?;
        let registered = issuer.validate(jws.token_type, json, &state.registered, expected, now);
        match claims {
            Ok(claims) => {
                if matches!(registered, Ok(_) | Err(TokenError::Expired)) {
                    let raw = &state.registered;
                    settings.pools.validate(raw, issuer.is_foreign()).map_err(TokenError::from)?;
                }
                if let Ok(registered) = &registered {
                    let (raw, skew) = (&state.registered, issuer.times.clock_skew);
                    let foreign = registered.foreign_issuer.as_deref();
                    settings.revocations.check(raw, foreign, registered.kind, skew, now)?;
                    if let Some(named) = issuer.unconfigured_name(raw) {
                        settings.revocations.check_named(raw, named, registered.kind, skew)?;
                    }
                }
                Ok(Verified::new(claims, registered?))
            }
            Err(missing) => Err(registered.err().unwrap_or(missing).into()),
        }
    }

    /// Reads the manager's clock, in seconds.
    pub(crate) fn now(&self) -> Result<Timestamp, TokenError> {
        Ok(Timestamp::now(&*self.settings.clock)?)
    }

    /// Reads the manager's clock, with fractions of a second.
    pub(crate) fn precise_now(&self) -> Result<SystemTime, TokenError> {
        let now = self.settings.clock.now();
        Ok(Timestamp::from_system_time(now).map(|_| now).ok_or(InvalidReason::Clock)?)
    }

    /// Returns how long a revocation must be kept: no accepted token can live longer.
    pub(crate) fn longest_lifetime(&self) -> Duration {
        self.settings.revocations.longest()
    }

    /// Returns how long after its expiry a token may be accepted at most.
    pub(crate) fn longest_leeway(&self) -> Duration {
        self.settings.trusted.iter().map(|issuer| issuer.times.leeway).max().unwrap_or_default()
    }

    pub(super) fn revocations(&self) -> &Revocations {
        &self.settings.revocations
    }
}

impl fmt::Debug for TokenManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &*self.settings;
        f.debug_struct("TokenManager")
            .field("issuers", &settings.trusted)
            .field("access_expiry", &settings.access_expiry)
            .field("refresh_expiry", &settings.refresh_expiry)
            .finish_non_exhaustive()
    }
}
