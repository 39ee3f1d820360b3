//! Creating tokens: the registered claims, the JSON, the signature.

use std::cell::Cell;
use std::time::Duration;

use super::TokenManager;
use super::jws;
use super::trusted::TrustedIssuer;
use crate::claims::{ClaimWriter, IssuedClaims, ToClaims, TokenKind};
use crate::error::{InvalidReason, TokenError};
use crate::key::TokenType;
use crate::random::Uuid;

impl TokenManager {
    /// Creates an access token that expires after `lifetime`, which may differ from
    /// [`access_expiry`](Self::access_expiry). Fractions of a second are ignored.
    ///
    /// # Errors
    ///
    /// [`InvalidReason::Lifetime`] for less than a second, and for more than
    /// [`max_lifetime`](crate::token::TokenManagerBuilder::max_lifetime), since guards refuse a longer one. Otherwise as for
    /// [`create_access_token`](Self::create_access_token).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatevault::{Payload, TokenManager};
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let minute = Duration::from_secs(60);
    /// let access = tokens.create_access_token_expiring_in(&Payload::new(42), minute)?;
    /// let verified = tokens.decode_access_token::<Payload>(&access)?;
    /// assert!(verified.expires_at() <= std::time::SystemTime::now() + minute);
    ///
    /// let month = Duration::from_hours(30 * 24);
    /// assert!(tokens.create_access_token_expiring_in(&Payload::new(42), month).is_err());
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn create_access_token_expiring_in<C: ToClaims + ?Sized>(
        &self,
        claims: &C,
        lifetime: Duration,
    ) -> Result<String, TokenError> {
        let first_party = self.settings.first_party().ok_or(InvalidReason::NoSigningKey)?;
        validate_lifetime(lifetime, first_party.times.max_lifetime)?;
        self.create(claims, TokenKind::Access, lifetime)
    }

    /// Creates a token without a session.
    pub(super) fn create<C: ToClaims + ?Sized>(
        &self,
        claims: &C,
        kind: TokenKind,
        lifetime: Duration,
    ) -> Result<String, TokenError> {
        let now = self.now()?;
        let token_id = Uuid::random()?;
        self.create_issued(claims, IssuedClaims::new(kind, token_id.as_str(), now, now.after(lifetime)))
    }

    /// Creates a token with the given registered claims. The manager fills in the issuer and the audience.
    pub(crate) fn create_issued<C: ToClaims + ?Sized>(
        &self,
        claims: &C,
        issued: IssuedClaims<'_>,
    ) -> Result<String, TokenError> {
        let first_party = self.settings.first_party().ok_or(InvalidReason::NoSigningKey)?;
        if issued.kind == TokenKind::Access {
            let issued_at = issued.issued_at;
            first_party.times.validate_lifetime(None, issued.expires_at, issued_at)?;
        }
        self.sign_issued(first_party, claims, first_party.with_parties(issued))
    }

    /// Creates a token with exactly these registered claims.
    pub(super) fn sign_issued<C: ToClaims + ?Sized>(
        &self,
        first_party: &TrustedIssuer,
        claims: &C,
        issued: IssuedClaims<'_>,
    ) -> Result<String, TokenError> {
        let scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
        let mut writer = ClaimWriter::new(scratch, first_party.subject_claim, &issued);
        claims.write_claims(&mut writer)?;
        let mut json = writer.finish()?;
        let token_type =
            first_party.required_typ.filter(|_| issued.kind == TokenKind::Access).unwrap_or(TokenType::Jwt);
        let keys = first_party.keys.load();
        let key = keys.signing().ok_or(InvalidReason::NoSigningKey)?;
        let token = jws::sign(&json, token_type, key)?;
        json.clear();
        json.shrink_to(SCRATCH_BYTES);
        // Fails only while the thread ends.
        SCRATCH.try_with(|scratch| scratch.set(json)).ok();
        self.settings.validate_length(&token)?;
        Ok(token)
    }
}

/// Returns an error for the lifetime of a new token that is shorter than a second or longer than `limit`.
pub(super) fn validate_lifetime(lifetime: Duration, limit: Duration) -> Result<(), InvalidReason> {
    let is_within = lifetime >= Duration::from_secs(1) && lifetime <= limit;
    if is_within { Ok(()) } else { Err(InvalidReason::Lifetime { lifetime, limit }) }
}

thread_local! {
    /// A buffer for the claims of this thread's next token.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The most bytes that a thread keeps in its buffer.
const SCRATCH_BYTES: usize = 1024;
