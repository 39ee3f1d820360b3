//! Keys that share an id, or have none, in a ring that changes.

use gatevault::{Algorithm, ConfigError, KeyRing, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::timed;

use super::irregular_sets::accepts;
use super::jwk_sets::ids;
use super::keys::*;

type Withdrawal = fn(&KeyRing, &str) -> Result<(), ConfigError>;

#[test]
fn a_key_that_is_removed_or_retired_verifies_with_none_of_its_algorithms() {
    let keys = [Algorithm::RS256, Algorithm::PS256, Algorithm::RS512];
    for id in ["leaked", ""] {
        let named = |key: SigningKey| if id.is_empty() { key } else { key.with_id(id).unwrap() };
        let withdrawals: [Withdrawal; 2] =
            [KeyRing::remove, |ring, id| ring.retire(id, std::time::UNIX_EPOCH)];
        for withdraw in withdrawals {
            let other = signing(Algorithm::ES256).with_id("other").unwrap();
            let all = keys.map(|algorithm| named(signing(algorithm))).into_iter().chain([other.clone()]);
            let ring = KeyRing::verifying(all.map(|key| key.verifying_key().clone())).unwrap();
            let reader = TokenManager::builder().key_ring(ring.clone()).clock(timed().1).build().unwrap();
            assert!(keys.iter().all(|algorithm| accepts(&reader, named(signing(*algorithm)))));
            withdraw(&ring, id).unwrap();
            assert!(!keys.iter().any(|algorithm| accepts(&reader, named(signing(*algorithm)))), "{id:?}");
            assert!(accepts(&reader, other));
            assert_eq!(ids(&ring.public_keys()), ["other"]);
        }
    }
}

#[test]
fn a_key_without_an_id_can_be_promoted_beside_one_that_signs() {
    let ring = KeyRing::new(signing(Algorithm::ES256));
    ring.add(verifying(Algorithm::RS256)).unwrap();
    ring.add(signing(Algorithm::EdDSA)).unwrap();
    ring.promote("").unwrap();
    let algorithms: Vec<_> = ring.verifying_keys().iter().map(VerifyingKey::algorithm).collect();
    assert_eq!(algorithms, [Algorithm::EdDSA, Algorithm::ES256, Algorithm::RS256]);
    // Neither of these may leave the signing key in place as if it were gone.
    assert_eq!(ring.remove(""), Err(ConfigError::KeyInUse { id: String::new() }));
    assert_eq!(ring.retire("", std::time::UNIX_EPOCH), Err(ConfigError::KeyInUse { id: String::new() }));
    assert_eq!(ring.verifying_keys().len(), 3);
    ring.add(signing(Algorithm::ES384).with_id("a").unwrap()).unwrap();
    for _ in 0..2 {
        ring.promote("a").unwrap();
    }
    ring.remove("").unwrap();
    assert_eq!(ids(&ring.public_keys()), ["a"]);
}
