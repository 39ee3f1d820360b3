//! The names of algorithms, as arguments.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use gatevault::Algorithm;

/// Every algorithm of the library but `EdDSA`, which has two names.
pub(crate) const ALGORITHMS: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::ES512,
];

/// The kind of key that an algorithm signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// HMAC: a shared secret.
    Secret,
    /// RSA, with PKCS #1 v1.5 or PSS.
    Rsa,
    /// ECDSA on a NIST curve.
    Ecdsa,
    /// Ed25519.
    Ed25519,
}

/// Returns the kind of key for an algorithm, or `None` for one that this version of the command does not know.
pub(crate) fn family(algorithm: Algorithm) -> Option<Family> {
    Some(match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Family::Secret,
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => Family::Rsa,
        Algorithm::ES256 | Algorithm::ES384 | Algorithm::ES512 => Family::Ecdsa,
        Algorithm::EdDSA => Family::Ed25519,
        _ => return None,
    })
}

/// Returns the algorithm with this name, in any case. `Ed25519` is another name of `EdDSA` (RFC 9864).
pub(crate) fn named(name: &str) -> Option<Algorithm> {
    if name.eq_ignore_ascii_case("EdDSA") || name.eq_ignore_ascii_case("Ed25519") {
        return Some(Algorithm::EdDSA);
    }
    ALGORITHMS.into_iter().find(|algorithm| name.eq_ignore_ascii_case(algorithm.name()))
}

/// Parses the name of an algorithm. Help and completions list the names.
pub(crate) fn parser() -> impl TypedValueParser<Value = Algorithm> {
    let listed = ALGORITHMS.iter().map(|algorithm| PossibleValue::new(algorithm.name()));
    let edwards = PossibleValue::new(Algorithm::EdDSA.name()).alias("Ed25519");
    PossibleValuesParser::new(listed.chain([edwards]))
        .try_map(|name| named(&name).ok_or_else(|| format!("{name} is not an algorithm")))
}
