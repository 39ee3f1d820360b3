//! Ed25519 key pairs in PKCS#8.

use aws_lc_rs::signature::Ed25519KeyPair;

use super::der::{CONTEXT_0, Elements, INTEGER, OCTET_STRING};

/// Parses PKCS#8 (RFC 8410 section 7). If it has the public half, this half must match.
///
/// Before version 0.17, ring encoded the public half as `[1] EXPLICIT BIT STRING`. RFC 5958 has `[1] IMPLICIT`, and
/// aws-lc reads only that.
pub(super) fn key_pair(pkcs8: &[u8]) -> Option<Ed25519KeyPair> {
    match halves(pkcs8) {
        Some((seed, public)) => Ed25519KeyPair::from_seed_and_public_key(seed, public).ok(),
        None => Ed25519KeyPair::from_pkcs8(pkcs8).ok(),
    }
}

/// Returns the seed and the public half of a key that has both.
fn halves(pkcs8: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut elements = Elements::of_sequence(pkcs8)?;
    let _version_and_algorithm = (elements.take(INTEGER)?, elements.sequence()?);
    let mut private = Elements::new(elements.take(OCTET_STRING)?);
    let seed = private.take(OCTET_STRING).filter(|seed| private.is_empty() && seed.len() == SEED)?;
    elements.take(CONTEXT_0); // attributes
    let public = if let Some(bits) = elements.take(IMPLICIT_1) {
        bits.strip_prefix(&[0])?
    } else {
        let mut explicit = Elements::new(elements.take(EXPLICIT_1)?);
        explicit.bits().filter(|_| explicit.is_empty())?
    };
    elements.is_empty().then_some((seed, public))
}

const SEED: usize = 32;
const IMPLICIT_1: u8 = 0x81;
const EXPLICIT_1: u8 = 0xa1;
