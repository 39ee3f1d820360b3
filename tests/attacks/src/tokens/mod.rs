//! Hostile tokens.

mod algorithms;
mod claims;
mod header;
mod json;
mod segments;
mod signatures;

use std::sync::LazyLock;

use gatevault::Algorithm;

pub use header::EMBEDDED;

use crate::attack::{Attack, Attacks};
use crate::forge::{Members, with_claims};
use crate::keys::ALGORITHMS;

/// Returns every hostile access token. They are created once.
#[must_use]
pub fn tokens() -> &'static [Attack] {
    static TOKENS: LazyLock<Vec<Attack>> = LazyLock::new(|| {
        let mut attacks = of_any_kind(Members::claims());
        claims::lifetimes(&mut attacks);
        attacks.list
    });
    &TOKENS
}

/// Creates every hostile refresh token, from the claims of a valid one. Those that live too long are none: the lifetime of refresh
/// tokens has no limit but that of their session.
#[must_use]
pub fn refresh_tokens(claims: Members) -> Vec<Attack> {
    of_any_kind(claims).list
}

/// Creates the tokens that are hostile in the place of each kind.
fn of_any_kind(claims: Members) -> Attacks {
    let mut attacks = Attacks::new(claims);
    for add in [
        algorithms::unsecured,
        algorithms::spelled,
        algorithms::confused,
        algorithms::swapped,
        signatures::mangled,
        signatures::special,
        signatures::padding,
        header::extensions,
        header::types,
        header::key_ids,
        header::embedded_keys,
        segments::serializations,
        segments::spellings,
        segments::lengths,
        json::malformed,
        json::repeated,
        claims::times,
        claims::kinds,
        claims::identities,
        claims::issuers,
    ] {
        add(&mut attacks);
    }
    attacks
}

/// Creates the hostile tokens for a manager of the same keys that has no audience.
#[must_use]
pub fn tokens_for_audiences() -> Vec<Attack> {
    let mut attacks = Attacks::new(Members::claims());
    claims::audiences(&mut attacks);
    attacks.list
}

/// Creates a valid access token of each algorithm for a manager without an audience.
#[must_use]
pub fn good_tokens_for_no_audience() -> Vec<(Algorithm, String)> {
    signed_by_every_key(&Members::claims().without("aud"))
}

/// Creates a valid access token of each algorithm: what every way in must accept, so that a refusal means something.
#[must_use]
pub fn good_tokens() -> Vec<(Algorithm, String)> {
    signed_by_every_key(&Members::claims())
}

/// Creates a token of each algorithm with these claims, signed with the right key.
#[must_use]
pub fn signed_by_every_key(claims: &Members) -> Vec<(Algorithm, String)> {
    ALGORITHMS.map(|algorithm| (algorithm, with_claims(algorithm, claims.json()))).into()
}

/// One algorithm of each family of keys, for attacks that do not depend on the algorithm.
const FAMILIES: [Algorithm; 5] =
    [Algorithm::HS256, Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
