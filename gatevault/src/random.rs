//! The one place that asks the system for randomness.

use std::cell::RefCell;
use std::mem;

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
    Ok(bytes.into_iter().flat_map(hex).map(char::from).collect())
}

/// A `UUIDv4` (RFC 9562 section 5.4): what every token's `jti` is.
pub(crate) struct Uuid([u8; 36]);

impl Uuid {
    pub(crate) fn random() -> Result<Self, InvalidReason> {
        const VERSION_BYTE: usize = 6;
        const VARIANT_BYTE: usize = 8;
        let mut text = [b'-'; 36];
        let mut places = text.iter_mut();
        for (position, byte) in pooled_bytes()?.into_iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                places.next();
            }
            let byte = match position {
                VERSION_BYTE => byte & 0x0f | 0x40,
                VARIANT_BYTE => byte & 0x3f | 0x80,
                _ => byte,
            };
            for (digit, place) in hex(byte).into_iter().zip(places.by_ref()) {
                *place = digit;
            }
        }
        Ok(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Random bytes that the system gave to this thread a while ago, many at a time: asking costs more than using.
struct Pool {
    bytes: [u8; Self::SIZE],
    used: usize,
}

impl Pool {
    const SIZE: usize = 1024;

    fn take(&mut self) -> Result<[u8; 16], InvalidReason> {
        if self.used == Self::SIZE {
            self.bytes = random_bytes()?;
            self.used = 0;
        }
        let next = self.bytes.get_mut(self.used..).and_then(|rest| rest.first_chunk_mut());
        self.used = self.used.saturating_add(16);
        // What was handed out is not kept.
        next.map(mem::take).ok_or(InvalidReason::Randomness)
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; Pool::SIZE], used: Pool::SIZE }) };
}

/// Bytes out of the pool of this thread, or fresh ones where it has none any more.
fn pooled_bytes() -> Result<[u8; 16], InvalidReason> {
    POOL.try_with(|pool| pool.try_borrow_mut().map_or_else(|_| random_bytes(), |mut pool| pool.take()))
        .unwrap_or_else(|_| random_bytes())
}

pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], InvalidReason> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| InvalidReason::Randomness)?;
    Ok(bytes)
}

fn hex(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 0x0f]
        .map(|digit| if digit < 10 { b'0' | digit } else { b'a'.wrapping_add(digit).wrapping_sub(10) })
}
