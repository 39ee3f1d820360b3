//! HMAC secrets that are shorter than their hash: whose they are, and when they come.

use gatevault::error::Warning;
use gatevault::token::TokenManagerBuilder;
use gatevault::{ConfigError, Issuer, KeyRing, SigningKey, TokenManager, VerifyingKey};
use gatevault_tests::SECRET;

fn long(id: &str) -> SigningKey {
    SigningKey::hs256(format!("{id}{SECRET}")).unwrap().with_id(id).unwrap()
}

fn short(id: &str) -> SigningKey {
    SigningKey::hs256("short").unwrap().with_id(id).unwrap()
}

fn over(ring: &KeyRing) -> TokenManagerBuilder {
    TokenManager::builder().key_ring(ring.clone())
}

fn ids(ring: &KeyRing) -> Vec<String> {
    ring.verifying_keys().iter().filter_map(|key| key.id().map(str::to_owned)).collect()
}

const DENIED: ConfigError = ConfigError::ShortKey { bytes: 5, recommended: 32 };
const WARNING: Warning = Warning::ShortKey { bytes: 5, recommended: 32 };

#[test]
fn a_short_key_cannot_join_a_ring_in_use_that_denies_short_keys() {
    let ring = KeyRing::new(long("0"));
    let tokens = over(&ring).deny_short_key().build().unwrap();
    assert_eq!(ring.add(short("1")), Err(DENIED));
    assert_eq!(ring.add(VerifyingKey::hs256("short").unwrap()), Err(DENIED));
    let long_enough_for_hs256 = SigningKey::hs512([7; 32]).unwrap();
    assert_eq!(ring.add(long_enough_for_hs256), Err(ConfigError::ShortKey { bytes: 32, recommended: 64 }));
    assert_eq!(ids(&ring), ["0"]);
    assert!(tokens.warnings().is_empty());
    ring.add(long("1")).unwrap();
    ring.promote("1").unwrap();
    assert_eq!(ids(&ring), ["1", "0"]);
}

#[test]
fn a_short_key_of_a_ring_that_is_denied_cannot_be_promoted() {
    let ring = KeyRing::new(long("0"));
    ring.add(short("1")).unwrap();
    let lenient = over(&ring).build().unwrap();
    assert_eq!(over(&ring).deny_short_key().build().unwrap_err(), DENIED);
    // The manager that was not built denies nothing.
    assert_eq!(ring.promote("1"), Ok(()));
    assert_eq!(ids(&ring), ["1", "0"]);
    assert_eq!(lenient.warnings(), [WARNING]);
}

#[test]
fn one_of_two_managers_that_share_a_ring_can_deny_short_keys_for_both() {
    for denies_first in [true, false] {
        let ring = KeyRing::new(long("0"));
        let settings = |denies: bool| if denies { over(&ring).deny_short_key() } else { over(&ring) };
        let managers = [denies_first, !denies_first].map(|denies| settings(denies).build().unwrap());
        assert_eq!(ring.add(short("1")), Err(DENIED), "the first denies: {denies_first}");
        assert_eq!(ids(&ring), ["0"]);
        assert!(managers.iter().all(|tokens| tokens.warnings().is_empty()));
    }
}

#[test]
fn the_warnings_follow_the_keys_of_the_ring() {
    let ring = KeyRing::new(long("0"));
    let tokens = over(&ring).build().unwrap();
    assert!(tokens.warnings().is_empty());
    ring.add(short("1")).unwrap();
    ring.promote("1").unwrap();
    assert_eq!(tokens.warnings(), [WARNING]);
    ring.promote("0").unwrap();
    ring.remove("1").unwrap();
    assert!(tokens.warnings().is_empty());
}

fn partner(ring: &KeyRing) -> Issuer {
    Issuer::new("https://partner.example", ring.clone()).audience("billing")
}

#[test]
fn the_short_key_of_an_issuer_is_denied_or_a_warning() {
    let ring = KeyRing::verifying([VerifyingKey::hs256("x").unwrap()]).unwrap();
    let denied = ConfigError::ShortKey { bytes: 1, recommended: 32 };
    let builder = TokenManager::builder;
    assert_eq!(builder().accept(partner(&ring)).deny_short_key().build().unwrap_err(), denied);
    assert_eq!(builder().deny_short_key().accept(partner(&ring)).build().unwrap_err(), denied);
    let with_own = builder().secret(SECRET).accept(partner(&ring)).deny_short_key().build();
    assert_eq!(with_own.unwrap_err(), denied);
    let tokens = builder().accept(partner(&ring)).build().unwrap();
    assert_eq!(tokens.warnings(), [Warning::ShortKey { bytes: 1, recommended: 32 }]);
}

#[test]
fn a_manager_that_is_not_built_for_a_short_key_changes_no_ring() {
    let (ours, theirs) =
        (KeyRing::new(long("0")), KeyRing::verifying([VerifyingKey::hs256("x").unwrap()]).unwrap());
    assert!(over(&ours).accept(partner(&theirs)).deny_short_key().build().is_err());
    assert_eq!(ours.add(short("1")), Ok(()));
}

#[test]
fn a_short_key_that_an_issuer_gets_later_is_denied_or_a_warning() {
    let rings = [(); 2]
        .map(|()| KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap().with_id("p0").unwrap()]).unwrap());
    let later = || VerifyingKey::hs256("short").unwrap().with_id("p1").unwrap();
    let [denying, lenient] = &rings;
    let _tokens = TokenManager::builder().accept(partner(denying)).deny_short_key().build().unwrap();
    assert_eq!(denying.add(later()), Err(DENIED));
    assert_eq!(ids(denying), ["p0"]);
    let tokens = TokenManager::builder().accept(partner(lenient)).build().unwrap();
    lenient.add(later()).unwrap();
    assert_eq!(tokens.warnings(), [WARNING]);
}
