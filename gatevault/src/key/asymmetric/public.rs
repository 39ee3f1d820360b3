//! Public keys.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use super::der::without_leading_zeros;
use super::form::{self, KeyKind};
use super::roca;
use super::suite::Suite;
use crate::base64url;
use crate::key::Algorithm;
use crate::key::scheme::Verifier;

/// A parsed public key, of one algorithm or of all that RSA keys have.
pub(super) struct PublicKey {
    algorithm: Algorithm,
    parsed: ParsedPublicKey,
    /// The other algorithms that the key serves.
    others: Vec<OtherAlgorithm>,
    /// `kty` and the members of this key type (RFC 7518 section 6, RFC 8037 section 2), as JSON without the braces.
    jwk: String,
}

/// The key for another algorithm. aws-lc fixes the algorithm of a parsed key, so each needs its own, which is parsed for
/// its first token: a set of RSA keys is read as fast as before.
struct OtherAlgorithm {
    suite: &'static Suite,
    parsed: OnceLock<Option<ParsedPublicKey>>,
}

impl PublicKey {
    /// Parses SPKI, PKCS#1, an EC point or the bytes of an Ed25519 key. The error names what was given.
    pub(super) fn new(suite: &Suite, key: &[u8]) -> Result<Self, &'static str> {
        let parsed = ParsedPublicKey::new(suite.verification, key).map_err(|_| INVALID)?;
        let spki: PublicKeyX509Der<'_> = parsed.as_der().map_err(|_| INVALID)?;
        let kind = form::recognize(spki.as_ref()).ok_or(INVALID)?.kind;
        if kind != suite.kind {
            return Err(kind.name());
        }
        let bits = form::public_bits(spki.as_ref()).ok_or(INVALID)?;
        if kind == KeyKind::Ed25519 && is_small_order(bits) {
            return Err("an Ed25519 key of small order, for which signatures can be forged");
        }
        if kind == KeyKind::Rsa && roca::has_fingerprint(form::rsa_numbers(bits).ok_or(INVALID)?.0) {
            return Err("an RSA key whose private key follows from it (ROCA, CVE-2017-15361)");
        }
        let jwk = jwk_members(kind, bits).ok_or(INVALID)?;
        Ok(Self { algorithm: suite.algorithm, parsed, others: Vec::new(), jwk })
    }

    /// Extends the key to all algorithms of `family`.
    pub(super) fn serving(self, family: &[Algorithm]) -> Self {
        let others =
            family.iter().filter(|other| **other != self.algorithm).filter_map(|other| Suite::of(*other));
        Self {
            others: others.map(|suite| OtherAlgorithm { suite, parsed: OnceLock::new() }).collect(),
            ..self
        }
    }

    /// Returns the parsed key for an algorithm that the key serves.
    fn parsed_for(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        if algorithm == self.algorithm {
            return Some(&self.parsed);
        }
        let other = self.others.iter().find(|other| other.suite.algorithm == algorithm)?;
        let parse = || ParsedPublicKey::new(other.suite.verification, self.parsed.as_ref()).ok();
        other.parsed.get_or_init(parse).as_ref()
    }

    /// Creates an RSA key from its modulus and exponent. Leading zeros are ignored.
    pub(super) fn from_rsa_numbers(suite: &Suite, n: &[u8], e: &[u8]) -> Result<Self, &'static str> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let kind = KeyKind::of_modulus(n);
        if kind != KeyKind::Rsa {
            return Err(kind.name());
        }
        // aws-lc checks the exponent only when it parses DER, so the key is encoded and parsed again.
        let unchecked = RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
        let spki: PublicKeyX509Der<'_> = unchecked.map_err(|_| INVALID)?.as_der().map_err(|_| INVALID)?;
        Self::new(suite, spki.as_ref())
    }

    /// Returns the key as SPKI.
    pub(super) fn spki(&self) -> Option<Vec<u8>> {
        let spki: PublicKeyX509Der<'_> = self.parsed.as_der().ok()?;
        Some(spki.as_ref().to_vec())
    }

    /// Returns the number of bytes that each signature has.
    pub(super) fn signature_length(&self) -> Option<usize> {
        let spki = self.spki()?;
        let bits = form::public_bits(&spki)?;
        match form::recognize(&spki)?.kind {
            KeyKind::Ed25519 => Some(64),
            KeyKind::Rsa => form::rsa_numbers(bits).map(|(modulus, _)| modulus.len()),
            _ => bits.len().checked_sub(1), // both coordinates, after the byte for their form
        }
    }

    /// Returns whether `signature`, in bytes, is valid for `message`.
    pub(super) fn verifies_bytes(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }

    /// Returns `kty` and the members of this key type, as JSON without the braces.
    pub(super) fn jwk(&self) -> &str {
        &self.jwk
    }
}

impl Verifier for PublicKey {
    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &str) -> bool {
        let mut buffer = [0; MAX_SIGNATURE];
        let signature = base64url::decode(signature, &mut buffer);
        signature
            .zip(self.parsed_for(algorithm))
            .is_some_and(|(signature, parsed)| parsed.verify_sig(message, signature).is_ok())
    }
}

/// Writes `kty` and the members of this key type, as JSON without the braces.
fn jwk_members(kind: KeyKind, bits: &[u8]) -> Option<String> {
    let curve = match kind {
        KeyKind::Ed25519 => {
            return Some(format!(r#""kty":"OKP","crv":"Ed25519","x":"{}""#, base64url::encoded(bits)));
        }
        KeyKind::P256 => "P-256",
        KeyKind::P384 => "P-384",
        KeyKind::P521 => "P-521",
        _ => {
            let (n, e) = form::rsa_numbers(bits)?;
            return Some(format!(
                r#""kty":"RSA","n":"{}","e":"{}""#,
                base64url::encoded(n),
                base64url::encoded(e)
            ));
        }
    };
    let point = bits.strip_prefix(&[UNCOMPRESSED])?;
    let (x, y) = point.split_at_checked(point.len().checked_div(2)?)?;
    Some(format!(
        r#""kty":"EC","crv":"{curve}","x":"{}","y":"{}""#,
        base64url::encoded(x),
        base64url::encoded(y)
    ))
}

/// Returns whether the point has an order of at most eight, so that signatures can be forged without the private key.
/// The list is the one in libsodium, without the sign bit.
fn is_small_order(key: &[u8]) -> bool {
    let Some((last, first)) = key.split_last() else { return true };
    SMALL_ORDER.iter().any(|point| point.split_last() == Some((&(last & 0x7f), first)))
}

/// The first byte of a point with both coordinates (SEC1 section 2.3.3).
pub(super) const UNCOMPRESSED: u8 = 4;

/// The bytes of the longest signature, the one of an RSA key of 8192 bits.
pub(super) const MAX_SIGNATURE: usize = 1024;

pub(super) const INVALID: &str = "an invalid key, which aws-lc rejects";

const SMALL_ORDER: [[u8; 32]; 7] = [
    *b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    *b"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
    *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    *b"\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    *b"\xed\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    *b"\xee\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
];
