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
    let bytes = random_bytes::<32>()?;
    let mut text = String::with_capacity(64);
    bytes.iter().for_each(|byte| push_hex(&mut text, *byte));
    Ok(text)
}

/// A `UUIDv4` in its text form (RFC 9562 section 5.4): what every token's `jti` is.
pub(crate) fn uuid_v4() -> Result<String, InvalidReason> {
    const VERSION_BYTE: usize = 6;
    const VARIANT_BYTE: usize = 8;
    let mut text = String::with_capacity(36);
    for (position, byte) in random_bytes::<16>()?.into_iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = match position {
            VERSION_BYTE => byte & 0x0f | 0x40,
            VARIANT_BYTE => byte & 0x3f | 0x80,
            _ => byte,
        };
        push_hex(&mut text, byte);
    }
    Ok(text)
}

fn random_bytes<const N: usize>() -> Result<[u8; N], InvalidReason> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| InvalidReason::Randomness)?;
    Ok(bytes)
}

fn push_hex(text: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 0x0f] {
        text.extend(char::from_digit(u32::from(digit), 16));
    }
}
