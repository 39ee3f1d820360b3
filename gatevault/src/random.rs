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

/// A `UUIDv4` or a `UUIDv8` (RFC 9562 sections 5.4 and 5.8), as in every token's `jti`.
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

    /// Creates the UUID of a digest, from its first bytes.
    pub(crate) fn of_digest(digest: &[u8; 32]) -> Self {
        Self::from_bytes(digest.first_chunk().copied().unwrap_or_default())
    }

    /// Creates a `UUIDv8` (RFC 9562 section 5.8) whose first 48 bits are a time in seconds and whose others are random.
    ///
    /// An access token has it as its `jti`, with the time at which its session ends unless it is refreshed. So
    /// [`session_end`] knows that time without another claim.
    pub(crate) fn ending_at(end: u64) -> Result<Self, InvalidReason> {
        let random = u128::from_be_bytes(random_bytes()?) & (u128::MAX >> TIME_BITS);
        let id = u128::from(end) << (u128::BITS - TIME_BITS) | random;
        Ok(Self::with_version(id, 8))
    }

    /// Creates a `UUIDv4` from its bytes.
    fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::with_version(u128::from_be_bytes(bytes), 4)
    }

    /// Sets the version and the variant, and formats the id.
    fn with_version(id: u128, version: u128) -> Self {
        const VERSION_AND_VARIANT: u128 = 0xf << 76 | 0b11 << 62;
        let id = id & !VERSION_AND_VARIANT | version << 76 | 0b10 << 62;
        Self(hyphenated(id))
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Returns the string form of a UUID: digits in lower case, and hyphens (RFC 9562 section 4).
pub(crate) fn hyphenated(id: u128) -> [u8; 36] {
    let digits = id.to_be_bytes().map(hex);
    let mut string = [b'-'; 36];
    for (start, digits) in [(0, 0..4), (9, 4..6), (14, 6..8), (19, 8..10), (24, 10..16)]
        .map(|(start, bytes)| (start, digits.get(bytes).unwrap_or_default().as_flattened()))
    {
        let positions = string.iter_mut().skip(start);
        positions.zip(digits).for_each(|(position, digit)| *position = *digit);
    }
    string
}

/// The number of bits of the time in a `UUIDv8`.
const TIME_BITS: u32 = 48;

/// Returns the time, in seconds, in the `jti` of an access token of a session: a [`Uuid::ending_at`].
pub(crate) fn session_end(token_id: &str) -> Option<u64> {
    let (high, rest) = token_id.split_once('-')?;
    let (low, rest) = rest.split_once('-')?;
    let is_version_8 = token_id.len() == 36 && high.len() == 8 && low.len() == 4 && rest.starts_with('8');
    // `from_str_radix` accepts a sign.
    let digits = Some(format!("{high}{low}")).filter(|digits| is_version_8 && !digits.starts_with('+'));
    u64::from_str_radix(&digits?, 16).ok()
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
pub(crate) fn hex(byte: u8) -> [u8; 2] {
    const LETTERS: u8 = b'a' - b'9' - 1;
    [byte >> 4, byte & 0x0f]
        .map(|digit| digit.wrapping_add(b'0').wrapping_add(u8::from(digit > 9).wrapping_mul(LETTERS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_access_token_has_the_end_of_its_session() {
        for end in [0, 1_800_000_000, (1 << TIME_BITS) - 1] {
            let ids = [(); 2].map(|()| Uuid::ending_at(end).unwrap());
            for id in &ids {
                assert_eq!(session_end(id.as_str()), Some(end), "{}", id.as_str());
                let version_and_variant = (id.as_str().as_bytes()[14], id.as_str().as_bytes()[19]);
                assert!(matches!(version_and_variant, (b'8', b'8' | b'9' | b'a' | b'b')), "{}", id.as_str());
            }
            assert_ne!(ids[0].as_str(), ids[1].as_str());
        }
    }

    #[test]
    fn other_ids_have_no_end() {
        let random = Uuid::random().unwrap();
        let others = [
            "",
            "-",
            "--8",
            "00006b49-d200-8",
            "a-b-8",
            "0000zb49-d200-8000-8000-000000000000",
            "+0006b49-d200-8000-8000-000000000000",
            "00006b4-9d200-8000-8000-000000000000",
            random.as_str(),
        ];
        for id in others {
            assert_eq!(session_end(id), None, "{id}");
        }
    }
}
