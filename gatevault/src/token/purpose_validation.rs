//! Verifying purpose tokens.

use serde::de::MapAccess;

use super::purpose_creation::{ACCESS_IAT, CLAIM, SERVICE};
use super::trusted::{TrustedIssuer, wrong_issuer};
use super::validation::missing;
use super::{Purpose, TokenManager, TokenText, VerifiedPurpose, header, jws};
use crate::claims::{ClaimReader, FromClaims, ParseState, RawRegistered, TokenKind, UserId};
use crate::clock::Timestamp;
use crate::error::{DecodeReason, InvalidReason, Segment, TokenError};
use crate::event::{CallerClaims, KeptCaller};

impl TokenManager {
    /// Verifies a token for a purpose and for the state that the user has now.
    ///
    /// The order is: length, header, signature, claims, expiry, pool, revocation. The signature covers the purpose and the
    /// state. Every current key of the manager is tried: the header chooses none. A token is rejected from its `exp`
    /// on, without the [`leeway`](crate::token::TokenManagerBuilder::leeway) of other tokens.
    ///
    /// To know the state, look the user up first: the link names the user beside the token, or the caller is logged in.
    ///
    /// # Errors
    ///
    /// [`TokenError::Decode`] for a string that is not a token, [`TokenError::Expired`] for an expired token, and
    /// [`TokenError::Invalid`] for any other: of another purpose, state, user pool, issuer or key, revoked, or no purpose token.
    /// The errors of an invalid [`Purpose`] are those of [`create_purpose_token`](Self::create_purpose_token).
    ///
    /// # Security
    ///
    /// A token of a purpose that is [`once`](Purpose::once) is **not** used up here: it is good until it expires. Use
    /// [`OAuthHandler::redeem_purpose_token`](crate::OAuthHandler::redeem_purpose_token). A token that is bound to state must
    /// be used by a conditional update: see [`create_purpose_token`](Self::create_purpose_token).
    ///
    /// The id beside the token is not signed, and only finds the state. Two accounts may have the same state, such as `""`
    /// or a counter. So compare [`VerifiedPurpose::user_id`] with the account whose state was given, or use the account of the
    /// verified token.
    pub fn decode_purpose_token(
        &self,
        purpose: &Purpose,
        token: &str,
        state: impl AsRef<[u8]>,
    ) -> Result<VerifiedPurpose, TokenError> {
        self.decode_presented_purpose(purpose, token, state.as_ref(), &mut KeptCaller::default())
    }

    /// Verifies a purpose token, and keeps in `caller` whom it names once the signature is verified.
    pub(crate) fn decode_presented_purpose(
        &self,
        purpose: &Purpose,
        token: &str,
        state: &[u8],
        caller: &mut KeptCaller,
    ) -> Result<VerifiedPurpose, TokenError> {
        let settings = &*self.settings;
        let first_party = settings.first_party().ok_or(InvalidReason::KeyId)?;
        purpose.validate(settings.longest_own_lifetime())?;
        let now = self.now()?;
        let claims = self.verify_purpose_signature(purpose, token, state)?;
        let mut text = TokenText::new();
        let malformed = |reason: fn(Segment) -> DecodeReason| TokenError::Decode(reason(Segment::Claims));
        let json = text.decode(claims).ok_or_else(|| malformed(DecodeReason::Base64))?;
        *caller = KeptCaller::of(CallerClaims::new(json, first_party.subject_claim));
        let json = str::from_utf8(json).map_err(|_| malformed(DecodeReason::Json))?;
        let mut parsed = ParseState::new(false);
        let claims = parsed.read::<PurposeClaims>(json, first_party.subject_claim)??;
        let raw = &parsed.registered;
        let verified = first_party.validate_purpose(purpose, claims, raw, now)?;
        settings.pools.validate(raw, false)?;
        let skew = first_party.times.clock_skew;
        settings.revocations.check(raw, None, TokenKind::Purpose, skew, now)?;
        if let Some(service) = &verified.service {
            settings.revocations.check_named(raw, service, TokenKind::Purpose, skew)?;
        }
        Ok(verified)
    }

    /// Verifies the signature, and returns the encoded claims.
    fn verify_purpose_signature<'t>(
        &self,
        purpose: &Purpose,
        token: &'t str,
        state: &[u8],
    ) -> Result<&'t str, TokenError> {
        self.settings.validate_length(token)?;
        let opaque = || TokenError::Decode(DecodeReason::Opaque);
        let (message, signature) = token.rsplit_once('.').ok_or_else(opaque)?;
        let segments = message.split_once('.').filter(|(_, claims)| !claims.contains('.'));
        let (header, claims) = segments.ok_or_else(|| jws::error_in_segments(token, opaque()))?;
        if !header::is_of_purpose_token(header)? {
            return Err(InvalidReason::NotPurpose { expected: purpose.name() }.into());
        }
        if !self.verify_detached(&purpose.message(state, message), signature) {
            return Err(InvalidReason::PurposeSignature { purpose: purpose.name() }.into());
        }
        Ok(claims)
    }
}

impl TrustedIssuer {
    /// Validates the claims of a purpose token of ours. The expiry comes last.
    fn validate_purpose(
        &self,
        purpose: &Purpose,
        claims: PurposeClaims,
        raw: &RawRegistered<'_>,
        now: Timestamp,
    ) -> Result<VerifiedPurpose, TokenError> {
        let is_kind = raw.kind.as_ref().is_some_and(|kind| kind.0 == TokenKind::Purpose.name());
        if !is_kind || claims.purpose != purpose.name() {
            return Err(InvalidReason::NotPurpose { expected: purpose.name() }.into());
        }
        let [token_id, session_id] = self.ids(raw)?.map(|id| id.map(str::to_owned));
        self.validate_parties_of_purpose(raw)?;
        let issued_at = raw.iat.ok_or_else(|| missing("iat"))?.0;
        let limit = self.times.clock_skew;
        for (claim, date) in [("iat", Some(issued_at)), ("nbf", raw.nbf.map(|nbf| nbf.0))] {
            if let Some(date) = date.filter(|date| *date > now.after(limit)) {
                return Err(InvalidReason::NotYetValid { claim, ahead: date.time_since(now), limit }.into());
            }
        }
        let expires_at = raw.exp.ok_or_else(|| missing("exp"))?.0;
        if expires_at > issued_at.after(purpose.lifetime()) {
            let (lifetime, limit) = (expires_at.time_since(issued_at), purpose.lifetime());
            return Err(InvalidReason::PurposeLifetime { lifetime, limit }.into());
        }
        if now >= expires_at {
            return Err(TokenError::Expired);
        }
        Ok(VerifiedPurpose {
            user_id: claims.user_id,
            token_id: token_id.ok_or_else(|| missing("jti"))?,
            session_id,
            pool: raw.pool.as_ref().map(|pool| (*pool.0).to_owned()),
            service: claims.service,
            claims_since: raw.claims_since.map(|since| since.0),
            access_issued_at: claims.access_issued_at.and_then(Timestamp::from_seconds),
            issued_at,
            expires_at,
        })
    }

    /// Validates `iss` and `aud`. Only a token of our own name is accepted, also if our other tokens need none: its user is
    /// one of ours.
    fn validate_parties_of_purpose(&self, raw: &RawRegistered<'_>) -> Result<(), InvalidReason> {
        let iss = raw.iss.as_ref().map(|iss| &*iss.0);
        if iss != self.name.as_str() {
            return Err(wrong_issuer(iss, [self]));
        }
        self.validate_parties(raw, None)
    }
}

/// The claims of a purpose token that are not registered.
struct PurposeClaims {
    purpose: String,
    service: Option<String>,
    access_issued_at: Option<u64>,
    user_id: UserId,
}

impl<'t> FromClaims<'t> for PurposeClaims {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        let (mut purpose, mut service, mut access_issued_at) = (None, None, None);
        while let Some(name) = claims.next_name()? {
            match &*name {
                CLAIM => claims.read(&mut purpose)?,
                SERVICE => claims.read(&mut service)?,
                ACCESS_IAT => claims.read(&mut access_issued_at)?,
                _ => claims.skip()?,
            }
        }
        let purpose = claims.required(CLAIM, purpose)?;
        Ok(Self { purpose, service, access_issued_at, user_id: claims.read_user_id()? })
    }
}
