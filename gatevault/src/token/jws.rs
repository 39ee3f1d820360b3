//! The JWS compact serialization (RFC 7515 section 7.1): signing, and verifying before the claims are parsed.

use memchr::memrchr;

use super::TokenText;
use super::selection::{Search, Signed};
use super::settings::Settings;
use super::trusted::TrustedIssuer;
use crate::base64url;
use crate::clock::Timestamp;
use crate::error::{DecodeReason, Segment, TokenError};
use crate::key::{SigningKey, TokenType};

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
    settings.validate_length(token)?;
    let dot = memrchr(b'.', token.as_bytes());
    let halves = dot.and_then(|dot| Some((token.get(..dot)?, token.get(dot.checked_add(1)?..)?)));
    let (message, signature) = halves.ok_or(TokenError::Decode(DecodeReason::Opaque))?;
    let verified = Search::new(Signed { message, signature }, now).verify(&settings.trusted, settings);
    // Segments are counted on failure only. A token with a fourth one never succeeds, because its claims are not base64url.
    let (issuer, token_type, claims) = verified.map_err(|error| error_in_segments(token, error))?;
    let claims = text
        .decode(claims)
        .ok_or_else(|| error_in_segments(token, TokenError::Decode(DecodeReason::Base64(Segment::Claims))))?;
    Ok(VerifiedJws { issuer, token_type, claims })
}

/// Returns the error for a wrong number of segments, or else `error`.
#[cold]
pub(super) fn error_in_segments(token: &str, error: TokenError) -> TokenError {
    match token.split('.').count() {
        3 => error,
        // RFC 7516 section 7.1.
        5 if is_encrypted(token) => TokenError::Decode(DecodeReason::Encrypted),
        found => TokenError::Decode(DecodeReason::Segments { found }),
    }
}

/// Returns whether the first of five segments is the header of an encrypted token, which has `enc`.
fn is_encrypted(token: &str) -> bool {
    let header = token.split('.').next().and_then(base64url::decoded);
    let members = header.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok());
    members.is_some_and(|members| members.get("enc").is_some())
}
