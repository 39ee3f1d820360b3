//! The compact serialisation of a signed token (RFC 7515 section 7.1): three segments, one spelling.

use memchr::memrchr;

use super::TokenText;
use super::header::Header;
use super::seen::Seen;
use super::settings::Settings;
use super::validation::Party;
use crate::base64url;
use crate::clock::Timestamp;
use crate::error::{InvalidReason, TokenError};
use crate::key::{SigningKey, TokenType, VerifyingKey};

/// A token whose signature has been verified: whose it is, what its header says, and the JSON of its claims.
pub(super) struct Genuine<'p, 't> {
    pub(super) party: &'p Party,
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

/// Decodes the claims once the signature has been verified, and not before.
pub(super) fn verify<'p, 't>(
    token: &str,
    settings: &'p Settings,
    now: Timestamp,
    text: &'t mut TokenText,
) -> Result<Genuine<'p, 't>, TokenError> {
    let limit = settings.max_token_bytes;
    if token.len() > limit {
        return Err(InvalidReason::TooLong { bytes: token.len(), limit }.into());
    }
    let dot = memrchr(b'.', token.as_bytes());
    let halves = dot.and_then(|dot| Some((token.get(..dot)?, token.get(dot.checked_add(1)?..)?)));
    let (message, signature) = halves.ok_or(TokenError::Decode)?;
    // A fourth segment is no base64url; whoever has signed it, it is told from a wrong signature.
    let has_three = || message.matches('.').count() == 1;
    let authentic = authenticate(&Signed { message, signature }, settings, now);
    let (party, token_type, claims) =
        authentic.map_err(|refusal| if has_three() { refusal } else { TokenError::Decode })?;
    let claims = text.decode(claims).ok_or(TokenError::Decode)?;
    Ok(Genuine { party, token_type, claims })
}

/// Finds whose signature this is. The header's `kid` may name a key of several parties; the signature is of one.
fn authenticate<'p, 't>(
    signed: &Signed<'t>,
    settings: &'p Settings,
    now: Timestamp,
) -> Result<(&'p Party, TokenType, &'t str), TokenError> {
    let mut unrecognised = None;
    let mut refusal = InvalidReason::KeyId;
    let mut lacking = Vec::new();
    for party in &settings.parties {
        let keys = party.keys.load();
        let found = match keys.recognize(signed.message, now) {
            Some(found) => Ok(found),
            None => read_once(&mut unrecognised, signed.message)?.choose(&keys, now),
        };
        match found {
            Ok((key, token_type, claims)) if signed.is_by(key, settings.seen.as_ref()) => {
                return Ok((party, token_type, claims));
            }
            Ok(_) => refusal = InvalidReason::Signature,
            Err(InvalidReason::KeyId) => lacking.push(party),
            Err(reason) if refusal == InvalidReason::KeyId => refusal = reason,
            Err(_) => {}
        }
    }
    // Only now, since the key of one party is missing with all others; and each is told, whatever the one before answers.
    let has_come = |party: &Party| {
        unrecognised.as_ref().is_some_and(|header| header.choose(&party.keys.load(), now).is_ok())
    };
    let pending = lacking.into_iter().filter(|party| party.keys.missed(now) || has_come(party)).count();
    Err(if pending > 0 { InvalidReason::KeysPending } else { refusal }.into())
}

/// What was signed, and the encoded signature.
struct Signed<'t> {
    message: &'t str,
    signature: &'t str,
}

impl Signed<'_> {
    fn is_by(&self, key: &VerifyingKey, seen: Option<&Seen>) -> bool {
        let verify = || key.verifies(self.message.as_bytes(), self.signature);
        match seen {
            // To remember an HMAC takes as long as to make it.
            Some(seen) if !key.algorithm().is_symmetric() => {
                seen.verifies(key, [self.message, self.signature], verify)
            }
            _ => verify(),
        }
    }
}

fn read_once<'s, 'm>(
    slot: &'s mut Option<Header<'m>>,
    message: &'m str,
) -> Result<&'s Header<'m>, TokenError> {
    match slot {
        Some(header) => Ok(header),
        None => Ok(slot.insert(Header::read(message)?)),
    }
}
