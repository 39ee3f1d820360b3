//! Makes tokens and verifies them.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::jws;
use super::revocation::Revocations;
use super::settings::Settings;
use super::{TokenManagerBuilder, TokenText};
use crate::claims::{ClaimWriter, Claims, FromClaims, IssuedClaims, Pass, ToClaims, TokenKind, Verified};
use crate::clock::Timestamp;
use crate::error::{ConfigError, Error, InvalidReason, TokenError, Warning};
use crate::key::TokenType;
use crate::random::Uuid;

/// Makes access and refresh tokens and verifies them; cheap to clone and shared by all threads.
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
    /// A manager for HS256 with `secret`, access tokens of 15 minutes and refresh tokens of 7 days.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`] for a secret of no bytes.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        Self::builder().secret(secret).build()
    }

    /// A builder with every setting at its default, and no key yet.
    pub fn builder() -> TokenManagerBuilder {
        TokenManagerBuilder::default()
    }

    pub(super) fn from_settings(settings: Settings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    /// A signed token that opens guarded functions, for [`access_expiry`](Self::access_expiry) from now.
    ///
    /// # Errors
    ///
    /// [`TokenError::Invalid`] when the claims name one that the manager writes itself, cannot be written as
    /// JSON, or make a token that the manager would refuse for its length.
    pub fn create_access_token<C: ToClaims + ?Sized>(&self, claims: &C) -> Result<String, TokenError> {
        self.create(claims, TokenKind::Access)
    }

    /// A signed token that is exchanged for new tokens, for [`refresh_expiry`](Self::refresh_expiry) from now.
    ///
    /// # Errors
    ///
    /// As for [`create_access_token`](Self::create_access_token).
    pub fn create_refresh_token<C: ToClaims + ?Sized>(&self, claims: &C) -> Result<String, TokenError> {
        self.create(claims, TokenKind::Refresh)
    }

    /// Verifies a token of either kind and reads its claims; [`Verified::kind`] says which it is.
    ///
    /// # Errors
    ///
    /// [`TokenError::Decode`] for what is no JWT, [`TokenError::Invalid`] for one that is not to be trusted or
    /// not for us, [`TokenError::Expired`] for one whose time is over.
    pub fn decode_token<C: Claims>(&self, token: &str) -> Result<Verified<C>, TokenError> {
        self.decode(token, None)
    }

    /// Verifies an access token and reads its claims.
    ///
    /// # Errors
    ///
    /// As for [`decode_token`](Self::decode_token), and `Invalid(Kind)` for a refresh token.
    pub fn decode_access_token<C: Claims>(&self, token: &str) -> Result<Verified<C>, TokenError> {
        self.decode(token, Some(TokenKind::Access))
    }

    /// Verifies a refresh token and reads its claims.
    ///
    /// # Errors
    ///
    /// As for [`decode_token`](Self::decode_token), and `Invalid(Kind)` for an access token.
    pub fn decode_refresh_token<C: Claims>(&self, token: &str) -> Result<Verified<C>, TokenError> {
        self.decode(token, Some(TokenKind::Refresh))
    }

    /// How long an access token lives.
    #[must_use]
    pub fn access_expiry(&self) -> Duration {
        self.settings.access_expiry
    }

    /// How long a refresh token lives.
    #[must_use]
    pub fn refresh_expiry(&self) -> Duration {
        self.settings.refresh_expiry
    }

    /// Stops accepting the tokens of a key of our [`KeyRing`](crate::KeyRing) once the last that it can have signed has
    /// expired; until then nobody notices.
    ///
    /// # Errors
    ///
    /// [`ConfigError::UnknownKey`], [`ConfigError::KeyInUse`] for the key that signs, and
    /// [`TokenError::Invalid`] when the clock cannot be believed.
    pub fn retire_key(&self, id: &str) -> Result<(), Error> {
        let settings = &*self.settings;
        let own = settings.own().ok_or(ConfigError::MissingKey)?;
        let longest = settings.access_expiry.max(settings.refresh_expiry);
        let now = self.now()?;
        Ok(own.keys.retire_at(id, now.after(longest).after(own.validation.leeway))?)
    }

    /// What works and should not be used, such as a short secret.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.settings.warnings
    }

    /// Verifies an access token and reads claims that may borrow from its text, which `text` holds from now on.
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
    /// let mut text = TokenText::default();
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

    fn decode<C: Claims>(&self, token: &str, expected: Option<TokenKind>) -> Result<Verified<C>, TokenError> {
        self.decode_in(token, expected, &mut TokenText::default())
    }

    /// Decodes with the error that the caller returns: to change it in a result would be to move the claims.
    pub(crate) fn decode_in<'t, C: FromClaims<'t>, E: From<TokenError>>(
        &self,
        token: &str,
        expected: Option<TokenKind>,
        text: &'t mut TokenText,
    ) -> Result<Verified<C>, E> {
        let settings = &*self.settings;
        let now = Timestamp::now(&*settings.clock).map_err(TokenError::from)?;
        let genuine = jws::verify(token, settings, now, text)?;
        let json = std::str::from_utf8(genuine.claims).map_err(|_| TokenError::Decode)?;
        let mut pass = Pass::default();
        let own = pass.read::<C>(json, &genuine.party.subject_claim)?;
        let registered = genuine.party.validation.validate(genuine.token_type, &pass.captured, expected, now);
        match own {
            Ok(own) => {
                if registered.is_ok() {
                    settings.revocations.judge(&pass.captured, now)?;
                }
                Ok(Verified::new(own, registered?))
            }
            Err(missing) => Err(registered.err().unwrap_or(missing).into()),
        }
    }

    /// Whether the user logged in, or the token was made where it has no session, no longer than `max_age` ago; one that
    /// does not say when it was, was not.
    pub(crate) fn is_fresh<C>(&self, verified: &Verified<C>, max_age: Duration) -> Result<bool, TokenError> {
        let now = self.now()?;
        Ok(verified.authenticated().is_some_and(|moment| now <= moment.after(max_age)))
    }

    /// What the manager's clock says.
    pub(crate) fn now(&self) -> Result<Timestamp, TokenError> {
        Ok(Timestamp::now(&*self.settings.clock)?)
    }

    /// The same, with its fraction of a second; a clock that cannot be believed is none.
    pub(crate) fn precise_now(&self) -> Result<SystemTime, TokenError> {
        let moment = self.settings.clock.now();
        Ok(Timestamp::from_system_time(moment).map(|_| moment).ok_or(InvalidReason::Clock)?)
    }

    pub(crate) fn leeway(&self) -> Duration {
        self.settings.parties.first().map_or(Duration::ZERO, |party| party.validation.leeway)
    }

    pub(super) fn revocations(&self) -> &Revocations {
        &self.settings.revocations
    }

    fn create<C: ToClaims + ?Sized>(&self, claims: &C, kind: TokenKind) -> Result<String, TokenError> {
        let now = self.now()?;
        let token_id = Uuid::random()?;
        let expires_at = now.after(self.settings.lifetime(kind));
        self.create_issued(claims, IssuedClaims::new(kind, token_id.as_str(), now, expires_at))
    }

    /// A token whose registered claims somebody else has chosen; who issues it, and for whom, is the manager's alone.
    pub(crate) fn create_issued<C: ToClaims + ?Sized>(
        &self,
        claims: &C,
        issued: IssuedClaims<'_>,
    ) -> Result<String, TokenError> {
        let settings = &*self.settings;
        let own = settings.own().ok_or(InvalidReason::NoSigningKey)?;
        let kind = issued.kind;
        let issued = IssuedClaims {
            issuer: own.validation.issuer.as_deref(),
            audience: own.validation.audience.as_deref(),
            ..issued
        };
        let scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
        let mut writer = ClaimWriter::new(scratch, &own.subject_claim, &issued);
        claims.write_claims(&mut writer)?;
        let mut json = writer.finish()?;
        let token_type =
            own.validation.demanded.filter(|_| kind == TokenKind::Access).unwrap_or(TokenType::Jwt);
        let keys = own.keys.load();
        let key = keys.signing().ok_or(InvalidReason::NoSigningKey)?;
        let token = jws::sign(&json, token_type, key)?;
        json.clear();
        json.shrink_to(SCRATCH_BYTES);
        // Where the thread is ending there is nothing to keep it for.
        SCRATCH.try_with(|scratch| scratch.set(json)).ok();
        let (bytes, limit) = (token.len(), settings.max_token_bytes);
        if bytes > limit {
            return Err(InvalidReason::TooLong { bytes, limit }.into());
        }
        Ok(token)
    }
}

thread_local! {
    /// Where this thread writes the claims of its next token.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// What a thread keeps for the claims of its next token, at most.
const SCRATCH_BYTES: usize = 1024;

impl fmt::Debug for TokenManager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &*self.settings;
        f.debug_struct("TokenManager")
            .field("parties", &settings.parties)
            .field("access_expiry", &settings.access_expiry)
            .field("refresh_expiry", &settings.refresh_expiry)
            .finish_non_exhaustive()
    }
}
