//! argon2id (RFC 9106), stored as PHC strings in their canonical form.
//!
//! A stored hash that is malformed or above the ceiling causes no computation. Only the computation comes from the
//! `argon2` crate: its parser also accepts argon2i, argon2d, version 16, repeated parameters, and any cost.

use std::hint::black_box;
use std::ops::RangeInclusive;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use constant_time_eq::constant_time_eq;
use zeroize::Zeroizing;

use super::Argon2Params;
use super::unreadable::UnreadableHash;
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
        // Eight lanes: an earlier default of Python's argon2-cffi, whose hashes are still stored.
        ceiling: Argon2Params { memory_kib: 256 * 1024, iterations: 16, parallelism: 8 },
    };

    /// Validates the settings.
    pub(super) fn validated(self) -> Result<Self, ConfigError> {
        let ceiling = self.ceiling.validated_ceiling()?;
        let params = self.params.validated_within(ceiling)?;
        Ok(Self { params, ceiling })
    }

    /// Hashes a password with a random salt.
    pub(super) fn hash(self, plain: &str) -> Result<String, HashingError> {
        require_hashable(plain)?;
        let salt = random_bytes::<SALT>().map_err(|error| HashingError::Failed(error.into()))?;
        let digest = digest(self.params, plain, &salt, DIGEST)?;
        Ok(self.encoded(&salt, &digest))
    }

    /// Returns a hash with the configured parameters. It takes as long to verify as any other, and no known password matches it.
    pub(super) fn dummy_hash(self) -> String {
        self.encoded(&[0; SALT], &[0; DIGEST])
    }

    /// Returns the PHC string of a hash with the configured parameters.
    fn encoded(self, salt: &[u8], digest: &[u8]) -> String {
        let Argon2Params { memory_kib, iterations, parallelism } = self.params;
        let (salt, digest) = (BASE64.encode(salt), BASE64.encode(digest));
        format!("$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${salt}${digest}")
    }

    /// Parses a stored hash. Returns `None` if its prefix is not argon2id's, and an error if it is malformed or above the
    /// ceiling.
    pub(super) fn read(self, text: &str) -> Option<Result<Argon2Hash, UnreadableHash>> {
        let rest = text.strip_prefix("$argon2id$")?;
        Some(Argon2Hash::parse(rest).and_then(|stored| self.within_ceiling(stored)))
    }

    fn within_ceiling(self, stored: Argon2Hash) -> Result<Argon2Hash, UnreadableHash> {
        match stored.params.validated_within(self.ceiling) {
            Ok(_) => Ok(stored),
            Err(ConfigError::NumberOutOfBounds { setting: parameter, given, most, .. }) if given > most => {
                let (scheme, setting) = ("argon2id", "argon2_ceiling");
                Err(UnreadableHash::AboveCeiling { scheme, parameter, given, most, setting })
            }
            Err(_) => Err(malformed("its parameters are below the minimum of RFC 9106")),
        }
    }

    /// Returns whether argon2id hashes this password.
    pub(super) fn accepts(plain: &str) -> bool {
        require_hashable(plain).is_ok()
    }

    /// Returns an error if argon2id does not hash this password.
    pub(super) fn require_hashable(plain: &str) -> Result<(), HashingError> {
        require_hashable(plain)
    }

    /// Hashes the password again if the stored hash is weaker than the settings, or its salt or digest is shorter.
    ///
    /// The new hash is at least as strong as both, for the same reasons as with bcrypt. The number of lanes is ignored.
    pub(super) fn renew(self, plain: &str, stored: &Argon2Hash) -> Option<Result<String, HashingError>> {
        let is_short = stored.salt.len() < SALT || stored.digest.len() < DIGEST;
        let params = self.params.strengthened_to(stored.params);
        (is_short || stored.params.are_weaker_than(self.params)).then(|| Self { params, ..self }.hash(plain))
    }

    /// Computes dummy work, so that a verification of `spent` takes as long as one with the configured parameters.
    ///
    /// A password that is too long needs none: it is rejected without work for every hash.
    pub(super) fn equalize_time(self, plain: &str, spent: Option<&Argon2Hash>) {
        if require_hashable(plain).is_err() {
            return;
        }
        for params in self.params.remaining_after(spent.map_or(0, |stored| stored.params.work())) {
            let _ = black_box(digest(params, plain, &[0; SALT], DIGEST));
        }
    }
}

/// A stored hash of version 19, in its canonical form.
pub(super) struct Argon2Hash {
    params: Argon2Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl Argon2Hash {
    /// Parses what follows `$argon2id$`.
    fn parse(text: &str) -> Result<Self, UnreadableHash> {
        if text.len() > MAX_LENGTH {
            return Err(malformed("it is too long"));
        }
        if text.trim_end() != text {
            return Err(malformed("white space at its end"));
        }
        let rest = text.strip_prefix("v=19$").ok_or(malformed("its version is not 19"))?;
        let (params, rest) = rest.split_once('$').ok_or(malformed("it has no salt"))?;
        let (salt, digest) = rest.split_once('$').ok_or(malformed("it has no digest"))?;
        let params = parameters(params).ok_or(malformed("its parameters are not of the form m=,t=,p="))?;
        let salt =
            bytes(salt, 8..=48).ok_or(malformed("its salt is not canonical base64 of 8 to 48 bytes"))?;
        let digest = bytes(digest, 16..=64)
            .ok_or(malformed("its digest is not canonical base64 of 16 to 64 bytes"))?;
        Ok(Self { params, salt, digest })
    }

    /// Returns whether `plain` is the password of this hash.
    pub(super) fn verify(&self, plain: &str) -> bool {
        require_hashable(plain).is_ok()
            && digest(self.params, plain, &self.salt, self.digest.len())
                .is_ok_and(|digest| constant_time_eq(&digest, &self.digest))
    }
}

fn malformed(problem: &'static str) -> UnreadableHash {
    UnreadableHash::Malformed { scheme: "argon2id", problem }
}

/// Parses the parameters in their canonical order.
fn parameters(text: &str) -> Option<Argon2Params> {
    let (memory_kib, rest) = text.strip_prefix("m=")?.split_once(",t=")?;
    let (iterations, parallelism) = rest.split_once(",p=")?;
    let [memory_kib, iterations, parallelism] = [memory_kib, iterations, parallelism].map(number);
    Some(Argon2Params { memory_kib: memory_kib?, iterations: iterations?, parallelism: parallelism? })
}

/// Parses a number in its canonical form, without a sign or leading zeros.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number: &u32| number.to_string() == text)
}

/// Decodes bytes in their canonical form. The decoder rejects padding and non-zero spare bits.
fn bytes(text: &str, lengths: RangeInclusive<usize>) -> Option<Vec<u8>> {
    BASE64.decode(text).ok().filter(|bytes| lengths.contains(&bytes.len()))
}

/// Computes an argon2id digest of `length` bytes.
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

/// Rejects passwords above 4096 bytes. argon2 accepts 4 GiB, which only serves denial of service.
fn require_hashable(plain: &str) -> Result<(), HashingError> {
    HashingError::require_at_most(4096, plain)
}

/// Bytes of new salts and digests (RFC 9106 section 4).
const SALT: usize = 16;
const DIGEST: usize = 32;

/// An upper bound for the longest numbers, salt and digest, short enough to parse at no cost.
const MAX_LENGTH: usize = 256;
