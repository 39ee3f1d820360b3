//! The JWS compact serialization (RFC 7515 section 7.1): signing, and verifying before the claims are parsed.

use memchr::memrchr;

use super::TokenText;
use super::header::Header;
use super::settings::Settings;
use super::signature_cache::SignatureCache;
use super::validation::TrustedIssuer;
use crate::base64url;
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::key::{SigningKey, TokenType, VerifyingKey};

/// A token with a verified signature: its issuer, the type in its header, and the JSON of its claims.
pub(super) struct VerifiedJws<'s, 't> {
    pub(super) issuer: &'s TrustedIssuer,
    pub(super) token_type: TokenType,
    pub(super) claims: &'t [u8],
}

/// Signs `claims`, the JSON of a token's payload.
pub(super) fn sign(claims: &[u8], token_type: TokenType, key: &SigningKey) -> Result<String, TokenError> {
    let header = key.header(token_type);
    // Four characters for three bytes, the dots, and the signature of HS256, ES256 or EdDSA.
    let mut token = String::with_capacity(
        header.len().saturating_add(claims.len().saturating_mul(4) / 3).saturating_add(96),
    );
    token.push_str(header);
    base64url::encode(claims, &mut token);
    key.sign(&mut token)?;
    Ok(token)
}

/// Verifies the signature, and only then decodes the claims.
pub(super) fn verify<'s, 't>(
    token: &str,
    settings: &'s Settings,
    now: Timestamp,
    text: &'t mut TokenText,
) -> Result<VerifiedJws<'s, 't>, TokenError> {
    let limit = settings.max_token_bytes;
    if token.len() > limit {
        return Err(InvalidReason::TooLong { bytes: token.len(), limit }.into());
    }
    let dot = memrchr(b'.', token.as_bytes());
    let halves = dot.and_then(|dot| Some((token.get(..dot)?, token.get(dot.checked_add(1)?..)?)));
    let (message, signature) = halves.ok_or(TokenError::Decode)?;
    // Counted on failure only. A token with a fourth segment never succeeds, because its claims are not base64url.
    let has_three_segments = || message.matches('.').count() == 1;
    let verified = verify_signature(&Signed { message, signature }, settings, now);
    let (issuer, token_type, claims) =
        verified.map_err(|error| if has_three_segments() { error } else { TokenError::Decode })?;
    let claims = text.decode(claims).ok_or(TokenError::Decode)?;
    Ok(VerifiedJws { issuer, token_type, claims })
}

/// Finds the issuer whose key made the signature. Several issuers may have a key with the header's `kid`.
fn verify_signature<'s, 't>(
    signed: &Signed<'t>,
    settings: &'s Settings,
    now: Timestamp,
) -> Result<(&'s TrustedIssuer, TokenType, &'t str), TokenError> {
    let mut parsed_header = None;
    let mut failure = InvalidReason::KeyId;
    let mut without_key = Vec::new();
    for issuer in &settings.trusted {
        let keys = issuer.keys.load();
        let found = match keys.recognize(signed.message, now) {
            Some(found) => Ok(found),
            None => read_once(&mut parsed_header, signed.message)?.choose(&keys, now),
        };
        match found {
            Ok((key, token_type, claims)) if signed.is_by(key, settings.signature_cache.as_ref()) => {
                return Ok((issuer, token_type, claims));
            }
            Ok(_) => failure = InvalidReason::Signature,
            Err(InvalidReason::KeyId) => without_key.push(issuer),
            Err(reason) if failure == InvalidReason::KeyId => failure = reason,
            Err(_) => {}
        }
    }
    // Report missing keys only now: the key of one issuer is missing from all others. Report to every issuer,
    // also after one of them answered that its keys are pending.
    let has_arrived = |issuer: &TrustedIssuer| {
        parsed_header.as_ref().is_some_and(|header| header.choose(&issuer.keys.load(), now).is_ok())
    };
    let pending =
        without_key.into_iter().filter(|issuer| issuer.keys.missed(now) || has_arrived(issuer)).count();
    Err(if pending > 0 { InvalidReason::KeysPending } else { failure }.into())
}

/// The signed part of a token, and its encoded signature.
struct Signed<'t> {
    message: &'t str,
    signature: &'t str,
}

impl Signed<'_> {
    /// Returns whether `key` made the signature.
    fn is_by(&self, key: &VerifyingKey, cache: Option<&SignatureCache>) -> bool {
        let verify = || key.verifies(self.message.as_bytes(), self.signature);
        match cache {
            // A cache lookup takes as long as an HMAC.
            Some(cache) if !key.algorithm().is_symmetric() => {
                cache.verifies(key, [self.message, self.signature], verify)
            }
            _ => verify(),
        }
    }
}

/// Parses the header unless `slot` has it already.
fn read_once<'s, 'm>(
    slot: &'s mut Option<Header<'m>>,
    message: &'m str,
) -> Result<&'s Header<'m>, TokenError> {
    match slot {
        Some(header) => Ok(header),
        None => Ok(slot.insert(Header::read(message)?)),
    }
}
