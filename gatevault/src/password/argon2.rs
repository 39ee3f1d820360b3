//! argon2id (RFC 9106) as PHC strings, in one spelling: nothing is computed for a stored text that is not
//! wholly well-formed and affordable. Of the implementation only the computation is used: its reader takes
//! argon2i and argon2d, version 16, parameters given twice, and any amount of memory and time.

use std::hint::black_box;
use std::ops::RangeInclusive;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use constant_time_eq::constant_time_eq;
use zeroize::Zeroizing;

use super::Argon2Params;
use crate::error::{ConfigError, HashingError};
use crate::random::random_bytes;

/// The scheme with its settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argon2id {
    pub(super) params: Argon2Params,
    pub(super) ceiling: Argon2Params,
}

impl Argon2id {
    pub(super) const DEFAULT: Self = Self {
        params: Argon2Params::DEFAULT,
        // Eight lanes were the default of Python's argon2-cffi, and hashes of it are around.
        ceiling: Argon2Params { memory_kib: 256 * 1024, iterations: 16, parallelism: 8 },
    };

    /// The settings, if they can work.
    pub(super) fn validated(self) -> Result<Self, ConfigError> {
        let ceiling = self.ceiling.validated_ceiling()?;
        let params = self.params.validated_within(ceiling)?;
        Ok(Self { params, ceiling })
    }

    pub(super) fn hash(self, plain: &str) -> Result<String, HashingError> {
        require_hashable(plain)?;
        let salt = random_bytes::<SALT>().map_err(|error| HashingError::Failed(error.into()))?;
        let digest = digest(self.params, plain, &salt, DIGEST)?;
        let Argon2Params { memory_kib, iterations, parallelism } = self.params;
        let (salt, digest) = (BASE64.encode(salt), BASE64.encode(&*digest));
        Ok(format!("{PREFIX}{memory_kib},t={iterations},p={parallelism}${salt}${digest}"))
    }

    /// A stored hash that may be worked on; `None` when it is malformed or over the ceiling.
    pub(super) fn read(self, text: &str) -> Option<StoredHash> {
        StoredHash::parse(text).filter(|stored| stored.params.validated_within(self.ceiling).is_ok())
    }

    /// A hash to store instead, when the old one is weaker than the settings, or its salt or digest is shorter.
    ///
    /// The new one is weaker than neither, for the reasons that bcrypt has. How many lanes there are does not count.
    pub(super) fn renew(self, plain: &str, stored: &StoredHash) -> Option<Result<String, HashingError>> {
        let is_short = stored.salt.len() < SALT || stored.digest.len() < DIGEST;
        let params = self.params.strengthened_to(stored.params);
        (is_short || stored.params.are_weaker_than(self.params)).then(|| Self { params, ..self }.hash(plain))
    }

    /// Computes what a verification under the settings would still take after `spent` on a stored hash.
    ///
    /// Nothing for a password that is too long: it is refused by every hash, and without work.
    pub(super) fn spend_rest(self, plain: &str, spent: Option<&StoredHash>) {
        if require_hashable(plain).is_err() {
            return;
        }
        for params in self.params.beyond(spent.map_or(0, |stored| stored.params.work())) {
            let _ = black_box(digest(params, plain, &[0; SALT], DIGEST));
        }
    }
}

/// A stored hash of `$argon2id$v=19$` in its only spelling.
pub(super) struct StoredHash {
    params: Argon2Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl StoredHash {
    fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST_TEXT {
            return None;
        }
        let (memory_kib, rest) = text.strip_prefix(PREFIX)?.split_once(",t=")?;
        let (iterations, rest) = rest.split_once(",p=")?;
        let (parallelism, rest) = rest.split_once('$')?;
        let (salt, digest) = rest.split_once('$')?;
        let [memory_kib, iterations, parallelism] = [memory_kib, iterations, parallelism].map(number);
        let params =
            Argon2Params { memory_kib: memory_kib?, iterations: iterations?, parallelism: parallelism? };
        Some(Self { params, salt: bytes(salt, 8..=48)?, digest: bytes(digest, 16..=64)? })
    }

    pub(super) fn verify(&self, plain: &str) -> bool {
        require_hashable(plain).is_ok()
            && digest(self.params, plain, &self.salt, self.digest.len())
                .is_ok_and(|digest| constant_time_eq(&digest, &self.digest))
    }
}

/// A number in its only spelling: a sign or a leading zero would not be written.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number: &u32| number.to_string() == text)
}

/// Bytes in their only spelling; the decoder is strict about padding and spare bits.
fn bytes(text: &str, lengths: RangeInclusive<usize>) -> Option<Vec<u8>> {
    BASE64.decode(text).ok().filter(|bytes| lengths.contains(&bytes.len()))
}

fn digest(
    params: Argon2Params,
    plain: &str,
    salt: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, HashingError> {
    let Argon2Params { memory_kib, iterations, parallelism } = params;
    let mut digest = Zeroizing::new(vec![0; length]);
    Params::new(memory_kib, iterations, parallelism, Some(length))
        .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
        .and_then(|argon2| argon2.hash_password_into(plain.as_bytes(), salt, &mut digest))
        .map_err(|error| HashingError::Failed(error.into()))?;
    Ok(digest)
}

/// argon2 takes 4 GiB. Nobody's password has them, and hashing them is work that nobody has asked for.
fn require_hashable(plain: &str) -> Result<(), HashingError> {
    HashingError::require_at_most(4096, plain)
}

const PREFIX: &str = "$argon2id$v=19$m=";

/// Bytes of new salts and digests (RFC 9106 section 4).
const SALT: usize = 16;
const DIGEST: usize = 32;

/// Over what the longest numbers, salt and digest come to, and short enough to read at no cost.
const LONGEST_TEXT: usize = 256;
