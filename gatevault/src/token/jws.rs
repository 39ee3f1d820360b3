//! The compact serialisation of a signed token (RFC 7515 section 7.1): three segments, one spelling.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::header;
use crate::error::{InvalidReason, TokenError};
use crate::key::SigningKey;

/// Signs `claims`, the JSON of a token's payload.
pub(super) fn sign(claims: &[u8], key: &SigningKey) -> String {
    let header = key.header();
    // Four characters for three bytes, the dots, and the longest signature of an HMAC.
    let mut token = String::with_capacity(
        header.len().saturating_add(claims.len().saturating_mul(4) / 3).saturating_add(96),
    );
    token.push_str(header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    key.sign(&mut token);
    token
}

/// Returns the JSON of the claims once the signature has been verified, and not before.
pub(super) fn verify(token: &str, key: &SigningKey, limit: usize) -> Result<Vec<u8>, TokenError> {
    if token.len() > limit {
        return Err(InvalidReason::TooLong { bytes: token.len(), limit }.into());
    }
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Decode)?;
    let (header, claims) = message.split_once('.').ok_or(TokenError::Decode)?;
    if claims.contains('.') {
        return Err(TokenError::Decode);
    }
    header::accept(header, key)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| InvalidReason::Signature)?;
    if !key.verifying_key().verifies(message.as_bytes(), &signature) {
        return Err(InvalidReason::Signature.into());
    }
    URL_SAFE_NO_PAD.decode(claims).map_err(|_| TokenError::Decode)
}
