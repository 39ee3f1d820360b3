//! Keys that are retired: until when they verify here, and in the services that fetch the published set.

use std::time::{Duration, SystemTime};

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{ConfigError, Issuer, JwkSet, KeyRing, Payload, SigningKey, TokenError, TokenManager};
use gatevault_tests::timed;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};

const AUTH: &str = "https://auth.example";

/// Creates a key pair, in a form that a thief and a node can each make a key of.
fn pem() -> String {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap().serialize_pem()
}

fn key(id: &str, pem: &str) -> SigningKey {
    SigningKey::es256(pem).unwrap().with_id(id).unwrap()
}

fn login_service(ring: &KeyRing, clock: &ManualClock) -> TokenManager {
    let builder = TokenManager::builder().key_ring(ring.clone()).clock(clock.clone());
    builder.issuer(AUTH).audience("shop").build().unwrap()
}

/// Fetches the published set and decodes the token with it.
fn fetch_and_decode(ring: &KeyRing, clock: &ManualClock, token: &str) -> Result<(), TokenError> {
    let published = JwkSet::from_json(&ring.public_keys().to_json()).unwrap();
    let issuer = Issuer::new(AUTH, KeyRing::verifying(published).unwrap()).audience("shop");
    let builder = TokenManager::builder().accept(issuer.subject_claim("user_id")).clock(clock.clone());
    builder.build().unwrap().decode_access_token::<Payload>(token).map(drop)
}

fn published(ring: &KeyRing) -> Vec<String> {
    ring.public_keys().keys().iter().filter_map(|key| key.id().map(str::to_owned)).collect()
}

fn kept(ring: &KeyRing) -> Vec<String> {
    ring.verifying_keys().iter().filter_map(|key| key.id().map(str::to_owned)).collect()
}

/// A ring whose key 0 was replaced by key 1 and retired, with its manager, its clock and the stolen key 0.
struct Rotated {
    ring: KeyRing,
    tokens: TokenManager,
    clock: ManualClock,
    thief: TokenManager,
}

impl Rotated {
    fn new() -> Self {
        let ((_, clock), old) = (timed(), pem());
        let ring = KeyRing::new(key("0", &old));
        let tokens = login_service(&ring, &clock);
        ring.add(key("1", &pem())).unwrap();
        ring.promote("1").unwrap();
        tokens.retire_key("0").unwrap();
        let thief = login_service(&KeyRing::new(key("0", &old)), &clock);
        Self { ring, tokens, clock, thief }
    }

    fn forged(&self) -> String {
        self.thief.create_access_token(&Payload::new(42).with("role", "admin")).unwrap()
    }

    /// Advances the clock to the last second in which the key verifies, for a manager without a leeway.
    fn to_the_last_second(&self) {
        self.clock.advance(self.tokens.refresh_expiry().saturating_sub(Duration::from_secs(1)));
    }
}

#[test]
fn a_retired_key_is_published_until_its_end() {
    let auth = Rotated::new();
    assert_eq!(published(&auth.ring), ["1", "0"]);
    auth.to_the_last_second();
    assert_eq!(published(&auth.ring), ["1", "0"]);
    assert_eq!(fetch_and_decode(&auth.ring, &auth.clock, &auth.forged()), Ok(()));
    assert_eq!(auth.tokens.decode_access_token::<Payload>(&auth.forged()).map(drop), Ok(()));
}

#[test]
fn a_retired_key_is_not_published_after_its_end_and_a_service_that_fetches_the_set_refuses_it() {
    let auth = Rotated::new();
    auth.to_the_last_second();
    auth.clock.advance(Duration::from_secs(1));
    let refused = Err(InvalidReason::KeyId.into());
    for _ in 0..2 {
        assert_eq!(published(&auth.ring), ["1"]);
        assert_eq!(fetch_and_decode(&auth.ring, &auth.clock, &auth.forged()), refused);
        assert_eq!(auth.tokens.decode_access_token::<Payload>(&auth.forged()).map(drop), refused);
        let fresh = auth.tokens.create_access_token(&Payload::new(42)).unwrap();
        assert_eq!(fetch_and_decode(&auth.ring, &auth.clock, &fresh), Ok(()));
        auth.clock.advance(Duration::from_hours(30 * 24));
    }
}

#[test]
fn a_ring_drops_the_keys_that_are_over_when_it_changes() {
    let auth = Rotated::new();
    auth.ring.add(key("2", &pem())).unwrap();
    assert_eq!(kept(&auth.ring), ["1", "0", "2"]);
    auth.to_the_last_second();
    auth.clock.advance(Duration::from_secs(1));
    auth.ring.promote("2").unwrap();
    assert_eq!(kept(&auth.ring), ["2", "1"]);
    assert_eq!(auth.ring.promote("0"), Err(ConfigError::UnknownKey { id: "0".to_owned() }));
    // Its id is free again.
    assert_eq!(auth.ring.add(key("0", &pem())), Ok(()));
    assert_eq!(published(&auth.ring), ["2", "1", "0"]);
}

#[test]
fn a_retired_key_that_is_promoted_again_is_published_for_good() {
    let auth = Rotated::new();
    auth.ring.promote("0").unwrap();
    auth.clock.advance(auth.tokens.refresh_expiry() * 2);
    assert_eq!(published(&auth.ring), ["0", "1"]);
    assert_eq!(fetch_and_decode(&auth.ring, &auth.clock, &auth.forged()), Ok(()));
}

#[test]
fn a_leaked_key_that_is_removed_is_not_published_from_then_on() {
    let auth = Rotated::new();
    auth.ring.remove("0").unwrap();
    assert_eq!(published(&auth.ring), ["1"]);
    assert_eq!(fetch_and_decode(&auth.ring, &auth.clock, &auth.forged()), Err(InvalidReason::KeyId.into()));
}

/// Each node retires the key in its own ring, a minute after the other.
#[test]
fn each_of_two_nodes_publishes_a_retired_key_until_its_own_end() {
    let ((_, clock), pems) = (timed(), [pem(), pem()]);
    let nodes = [(); 2].map(|()| {
        let ring = KeyRing::new(key("0", &pems[0]));
        let tokens = login_service(&ring, &clock);
        ring.add(key("1", &pems[1])).unwrap();
        (ring, tokens)
    });
    for (ring, _) in &nodes {
        ring.promote("1").unwrap();
    }
    for (_, tokens) in &nodes {
        tokens.retire_key("0").unwrap();
        clock.advance(Duration::from_mins(1));
    }
    let [(first, tokens), (second, _)] = &nodes;
    clock.advance(tokens.refresh_expiry().saturating_sub(Duration::from_mins(2)));
    assert_eq!((published(first).len(), published(second).len()), (1, 2));
    clock.advance(Duration::from_mins(1));
    assert_eq!((published(first), published(second)), (vec!["1".to_owned()], vec!["1".to_owned()]));
    let token = tokens.create_access_token(&Payload::new(42)).unwrap();
    for (ring, _) in &nodes {
        assert_eq!(fetch_and_decode(ring, &clock, &token), Ok(()));
    }
}

#[test]
fn the_key_of_an_issuer_can_have_an_end_too() {
    let ((_, clock), pems) = (timed(), [pem(), pem()]);
    let keys = [key("0", &pems[0]), key("1", &pems[1])].map(|key| key.verifying_key().clone());
    let ring = KeyRing::verifying(keys).unwrap();
    let issuer = Issuer::new(AUTH, ring.clone()).audience("shop").subject_claim("user_id");
    let _service = TokenManager::builder().accept(issuer).clock(clock.clone()).build().unwrap();
    let end = gatevault::Clock::now(&clock) + Duration::from_hours(1);
    ring.retire("0", end).unwrap();
    clock.set(end - Duration::from_secs(1));
    assert_eq!(published(&ring), ["0", "1"]);
    clock.set(end);
    assert_eq!(published(&ring), ["1"]);
}

#[test]
fn a_ring_without_a_manager_has_the_clock_of_the_system() {
    let ring = KeyRing::new(key("0", &pem()));
    for id in ["1", "2"] {
        ring.add(key(id, &pem())).unwrap();
    }
    ring.retire("1", SystemTime::now() - Duration::from_hours(1)).unwrap();
    ring.retire("2", SystemTime::now() + Duration::from_hours(1)).unwrap();
    assert_eq!(published(&ring), ["0", "2"]);
}
