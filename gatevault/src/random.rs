//! The one place that asks the system for randomness.

use crate::error::{InvalidReason, TokenError};

/// Returns 32 random bytes as 64 hexadecimal characters: a secret for HS256.
///
/// # Errors
///
/// `Invalid(Randomness)` when the system's random source fails.
///
/// # Examples
///
/// ```
/// let secret = gatevault::generate_secret()?;
/// assert_eq!(secret.len(), 64);
/// gatevault::TokenManager::builder().secret(&secret).deny_short_key().build()?;
/// # Ok::<(), gatevault::Error>(())
/// ```
pub fn generate_secret() -> Result<String, TokenError> {
    let bytes = bytes::<32>()?;
    let mut text = String::with_capacity(64);
    push_hex(&mut text, &bytes);
    Ok(text)
}

/// A `UUIDv4` in its text form (RFC 9562 section 5.4): what every token's `jti` is.
pub(crate) fn uuid_v4() -> Result<String, InvalidReason> {
    let mut bytes = bytes::<16>()?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    let [a, b, c, d, e, f, g, h, rest @ ..] = &bytes;
    push_hex(&mut text, &[*a, *b, *c, *d]);
    for group in [[*e, *f], [*g, *h]] {
        text.push('-');
        push_hex(&mut text, &group);
    }
    let [i, j, node @ ..] = rest;
    text.push('-');
    push_hex(&mut text, &[*i, *j]);
    text.push('-');
    push_hex(&mut text, node);
    Ok(text)
}

fn bytes<const N: usize>() -> Result<[u8; N], InvalidReason> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| InvalidReason::Randomness)?;
    Ok(bytes)
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
}
