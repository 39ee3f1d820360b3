//! Creating purpose tokens.

use std::borrow::Cow;

use super::purpose::PurposeUser;
use super::trusted::TrustedIssuer;
use super::{Purpose, PurposeSubject, TokenManager, header};
use crate::base64url;
use crate::claims::{ClaimWriter, IssuedClaims, ParseState, Payload, RawRegistered, TokenKind, UserId};
use crate::clock::Timestamp;
use crate::error::{DecodeReason, InvalidReason, Segment, TokenError, excerpt};
use crate::json::JsonStr;
use crate::random::Uuid;

impl TokenManager {
    /// Creates a token for a purpose and a user, bound to `state`.
    ///
    /// The state is the part of the user's data that the use of the token changes: the password hash for a password reset, the
    /// address for its confirmation. The token is valid as long as the state is the same, byte for byte. It is not in the
    /// token, not even as a digest, so the token shows nothing of it. For a purpose without such state pass `""`, and let the
    /// purpose be [`once`](Purpose::once).
    ///
    /// # Errors
    ///
    /// - [`InvalidReason::Lifetime`] if the purpose's lifetime is zero, or longer than revocations are kept.
    /// - [`InvalidReason::PurposeName`] for an invalid name.
    /// - [`InvalidReason::Pool`] for a user of a pool whose tokens this manager does not accept.
    /// - [`InvalidReason::ForeignSubject`] for a user of another issuer.
    /// - Otherwise as for [`create_access_token`](Self::create_access_token).
    ///
    /// # Security
    ///
    /// A token that is bound to state dies with the *first conditional update* of that state. Two requests with one token may
    /// verify it at the same time, so the update itself must decide which of them wins, and its answer must be checked:
    ///
    /// ```sql
    /// UPDATE users SET hash = $new WHERE id = $id AND hash = $old
    /// ```
    ///
    /// `$old` is the hash with which the token was decoded. If no row was changed, another request was first: refuse.
    /// An update without this condition lets both win.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use gatevault::token::Purpose;
    /// use gatevault::{TokenManager, UserId, hash_password};
    ///
    /// const RESET: Purpose = Purpose::new("password-reset", Duration::from_mins(30));
    ///
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let (user, stored) = (UserId::from(42), hash_password("forgotten")?);
    /// let link = tokens.create_purpose_token(&RESET, &user, &stored)?;
    ///
    /// assert!(tokens.decode_purpose_token(&RESET, &link, &stored).is_ok());
    /// let changed = hash_password("correct horse")?;
    /// assert!(tokens.decode_purpose_token(&RESET, &link, &changed).is_err(), "it was used");
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn create_purpose_token<'s>(
        &self,
        purpose: &Purpose,
        subject: impl Into<PurposeSubject<'s>>,
        state: impl AsRef<[u8]>,
    ) -> Result<String, TokenError> {
        let settings = &*self.settings;
        let first_party = settings.first_party().ok_or(InvalidReason::NoSigningKey)?;
        purpose.validate(settings.longest_own_lifetime())?;
        let subject = subject.into();
        self.validate_subject(&subject)?;
        let now = self.now()?;
        // A used id is kept in the session store. A process that was forked must not create the ids of the other one.
        let token_id = subject.end.map_or_else(Uuid::fresh, |end| Uuid::ending_at(end.seconds()))?;
        let expires_at = now.after(purpose.lifetime());
        let issued = first_party.with_parties(IssuedClaims {
            session: subject.session,
            pool: subject.pool,
            claims_since: subject.claims_since,
            ..IssuedClaims::new(TokenKind::Purpose, token_id.as_str(), now, expires_at)
        });
        self.sign_purpose_token(first_party, purpose, &subject, state.as_ref(), issued)
    }

    /// Signs a purpose token with these registered claims.
    pub(super) fn sign_purpose_token(
        &self,
        first_party: &TrustedIssuer,
        purpose: &Purpose,
        subject: &PurposeSubject<'_>,
        state: &[u8],
        issued: IssuedClaims<'_>,
    ) -> Result<String, TokenError> {
        let claims = claims(first_party, &issued, subject, purpose)?;
        let keys = first_party.keys.load();
        let key = keys.signing().ok_or(InvalidReason::NoSigningKey)?;
        let token = format!("{}.{}", header::of_purpose_token(key), base64url::encoded(&claims));
        // If another key is promoted meanwhile, it signs. The header decides nothing.
        let signature = self.sign_detached(&purpose.message(state, &token))?;
        let token = format!("{token}.{signature}");
        self.settings.validate_length(&token)?;
        Ok(token)
    }

    /// Returns an error for a subject whose token would not be accepted here.
    fn validate_subject(&self, subject: &PurposeSubject<'_>) -> Result<(), InvalidReason> {
        for (claim, id) in [("sid", subject.session), ("pool", subject.pool)] {
            if id == Some("") {
                return Err(InvalidReason::MistypedClaim(Cow::Borrowed(claim)));
            }
        }
        let string = |string| JsonStr(Cow::Borrowed(string));
        let mut claims = RawRegistered::default();
        claims.kind = Some(string(TokenKind::Purpose.name()));
        claims.pool = subject.pool.map(string);
        self.settings.pools.validate(&claims, false)
    }
}

/// Returns the JSON of the claims.
fn claims(
    first_party: &TrustedIssuer,
    issued: &IssuedClaims<'_>,
    subject: &PurposeSubject<'_>,
    purpose: &Purpose,
) -> Result<Vec<u8>, TokenError> {
    let subject_claim = first_party.subject_claim;
    let mut writer = ClaimWriter::new(Vec::new(), subject_claim, issued);
    match subject.user {
        PurposeUser::Id(user) => writer.subject(user)?,
        PurposeUser::Foreign(found) => {
            return Err(InvalidReason::ForeignSubject { issuer: excerpt(found) }.into());
        }
        PurposeUser::Claims(claims) => {
            let mut all = ClaimWriter::new(Vec::new(), subject_claim, issued);
            // The other claims stay out of the token, so an error of theirs does not matter.
            let written = claims.write_claims(&mut all);
            let json = all.finish().map_err(|error| written.err().unwrap_or(error))?;
            writer.subject(&user_id(&json, subject_claim)?)?;
        }
    }
    writer.claim(CLAIM, purpose.name())?;
    writer.claim(SERVICE, &subject.service)?;
    let earlier = subject.access_issued_at.filter(|access| *access < issued.issued_at);
    writer.claim(ACCESS_IAT, &earlier.map(Timestamp::seconds))?;
    writer.finish()
}

/// Returns the id of the user in claims that were just written.
fn user_id(json: &[u8], subject_claim: &str) -> Result<UserId, TokenError> {
    let json = str::from_utf8(json).map_err(|_| TokenError::Decode(DecodeReason::Json(Segment::Claims)))?;
    Ok(ParseState::new(false).read::<Payload>(json, subject_claim)??.into_user_id())
}

/// The claim with the name of the purpose.
pub(super) const CLAIM: &str = "purpose";
/// The claim with the service that created the access token of the subject.
pub(super) const SERVICE: &str = "service";
/// The claim with the `iat` of that access token, if it is earlier than that of the purpose token.
pub(super) const ACCESS_IAT: &str = "access_iat";
