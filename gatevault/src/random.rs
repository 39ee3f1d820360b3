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
    /// One for a token, of which there are many: out of the pool of this thread.
    pub(crate) fn random() -> Result<Self, InvalidReason> {
        Ok(Self::of(pooled_bytes()?))
    }

    /// One for what is told apart by it in a store: a process that was forked from this one has the same pool.
    pub(crate) fn fresh() -> Result<Self, InvalidReason> {
        Ok(Self::of(random_bytes()?))
    }

    fn of(bytes: [u8; 16]) -> Self {
        const VERSION_AND_VARIANT: u128 = 0xf << 76 | 0b11 << 62;
        let id = u128::from_be_bytes(bytes);
        let id = id & !VERSION_AND_VARIANT | 4 << 76 | 0b10 << 62;
        let digits = id.to_be_bytes().map(hex);
        let mut text = [b'-'; 36];
        for (start, digits) in [(0, 0..4), (9, 4..6), (14, 6..8), (19, 8..10), (24, 10..16)]
            .map(|(start, bytes)| (start, digits.get(bytes).unwrap_or_default().as_flattened()))
        {
            let places = text.iter_mut().skip(start);
            places.zip(digits).for_each(|(place, digit)| *place = *digit);
        }
        Self(text)
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
    const LETTERS: u8 = b'a' - b'9' - 1;
    [byte >> 4, byte & 0x0f]
        .map(|digit| digit.wrapping_add(b'0').wrapping_add(u8::from(digit > 9).wrapping_mul(LETTERS)))
}
