//! Secrets and UUIDs. No other module asks the system for randomness.

use std::cell::RefCell;
use std::mem;

use crate::error::{InvalidReason, TokenError};

/// Returns 32 random bytes as 64 hexadecimal characters: a secret for HS256.
///
/// # Errors
///
/// `Invalid(Randomness)` if the system's random source fails.
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

/// A `UUIDv4` (RFC 9562 section 5.4), as in every token's `jti`.
pub(crate) struct Uuid([u8; 36]);

impl Uuid {
    /// Creates a UUID for a token, from this thread's pool.
    pub(crate) fn random() -> Result<Self, InvalidReason> {
        Ok(Self::from_bytes(pooled_bytes()?))
    }

    /// Creates a UUID directly from the system's random source, for session ids: after a fork both processes have the same
    /// pool, and would create the same ids.
    pub(crate) fn fresh() -> Result<Self, InvalidReason> {
        Ok(Self::from_bytes(random_bytes()?))
    }

    /// Sets the version and the variant, and formats the bytes.
    fn from_bytes(bytes: [u8; 16]) -> Self {
        const VERSION_AND_VARIANT: u128 = 0xf << 76 | 0b11 << 62;
        let id = u128::from_be_bytes(bytes);
        let id = id & !VERSION_AND_VARIANT | 4 << 76 | 0b10 << 62;
        let digits = id.to_be_bytes().map(hex);
        let mut string = [b'-'; 36];
        for (start, digits) in [(0, 0..4), (9, 4..6), (14, 6..8), (19, 8..10), (24, 10..16)]
            .map(|(start, bytes)| (start, digits.get(bytes).unwrap_or_default().as_flattened()))
        {
            let positions = string.iter_mut().skip(start);
            positions.zip(digits).for_each(|(position, digit)| *position = *digit);
        }
        Self(string)
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A pool of random bytes for one thread, because a system call for each token costs more than its other steps.
struct BytePool {
    bytes: [u8; Self::SIZE],
    used: usize,
}

impl BytePool {
    const SIZE: usize = 1024;

    fn take(&mut self) -> Result<[u8; 16], InvalidReason> {
        if self.used == Self::SIZE {
            self.bytes = random_bytes()?;
            self.used = 0;
        }
        let next = self.bytes.get_mut(self.used..).and_then(|rest| rest.first_chunk_mut());
        self.used = self.used.saturating_add(16);
        // Taken bytes do not stay in the pool.
        next.map(mem::take).ok_or(InvalidReason::Randomness)
    }
}

thread_local! {
    static POOL: RefCell<BytePool> = const { RefCell::new(BytePool { bytes: [0; BytePool::SIZE], used: BytePool::SIZE }) };
}

/// Returns bytes from this thread's pool, or from the system while the thread ends.
fn pooled_bytes() -> Result<[u8; 16], InvalidReason> {
    POOL.try_with(|pool| pool.try_borrow_mut().map_or_else(|_| random_bytes(), |mut pool| pool.take()))
        .unwrap_or_else(|_| random_bytes())
}

/// Returns bytes from the system's random source.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], InvalidReason> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| InvalidReason::Randomness)?;
    Ok(bytes)
}

/// Returns the two hexadecimal digits of a byte.
fn hex(byte: u8) -> [u8; 2] {
    const LETTERS: u8 = b'a' - b'9' - 1;
    [byte >> 4, byte & 0x0f]
        .map(|digit| digit.wrapping_add(b'0').wrapping_add(u8::from(digit > 9).wrapping_mul(LETTERS)))
}
