//! The signature cache: it saves the arithmetic of a signature, and no other check.

use std::thread;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{KeyRing, Payload, SigningKey, TokenError, TokenManager};
use gatevault_tests::timed;

use super::keys::{ED25519, OTHER_ED25519};

struct Service {
    ring: KeyRing,
    tokens: TokenManager,
    clock: ManualClock,
}

fn service(cached: usize) -> Service {
    let ring = KeyRing::new(key(ED25519));
    let (_, clock) = timed();
    let tokens = TokenManager::builder().key_ring(ring.clone()).clock(clock.clone());
    Service { ring, tokens: tokens.remember_signatures(cached).build().unwrap(), clock }
}

fn key(pem: &str) -> SigningKey {
    SigningKey::eddsa(pem).unwrap().with_id("1").unwrap()
}

impl Service {
    fn token(&self, id: u64) -> String {
        self.tokens.create_access_token(&Payload::new(id)).unwrap()
    }

    fn decode(&self, token: &str) -> Result<(), TokenError> {
        self.tokens.decode_access_token::<Payload>(token).map(drop)
    }
}

#[test]
fn everything_except_the_signature_of_a_cached_token_is_checked_again() {
    let service = service(100);
    let token = service.token(42);
    assert_eq!((service.decode(&token), service.decode(&token)), (Ok(()), Ok(())));
    let kind = InvalidReason::Kind { expected: "refresh" };
    assert_eq!(service.tokens.decode_refresh_token::<Payload>(&token).unwrap_err(), kind.into());
    service.clock.advance(service.tokens.access_expiry());
    assert_eq!(service.decode(&token), Err(TokenError::Expired));
}

#[test]
fn no_forgery_is_accepted_because_of_a_cached_signature() {
    let service = service(100);
    let (one, two) = (service.token(1), service.token(2));
    assert_eq!((service.decode(&one), service.decode(&two)), (Ok(()), Ok(())));
    let (message, _) = one.rsplit_once('.').unwrap();
    let (_, other_signature) = two.rsplit_once('.').unwrap();
    let swapped = format!("{message}.{other_signature}");
    for _ in 0..3 {
        assert_eq!(service.decode(&swapped), Err(InvalidReason::Signature.into()));
    }
    for at in 0..one.len() {
        let mut changed = one.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(changed == one || service.decode(&changed).is_err(), "{changed}");
    }
}

#[test]
fn a_removed_key_invalidates_its_cached_tokens() {
    let service = service(100);
    let token = service.token(42);
    assert_eq!(service.decode(&token), Ok(()));
    let next = SigningKey::eddsa(OTHER_ED25519).unwrap().with_id("2").unwrap();
    service.ring.add(next).unwrap();
    service.ring.promote("2").unwrap();
    service.tokens.retire_key("1").unwrap();
    assert_eq!(service.decode(&token), Ok(()));
    service.ring.remove("1").unwrap();
    assert_eq!(service.decode(&token), Err(InvalidReason::KeyId.into()));
    // Another key with the same id does not inherit them.
    service.ring.add(key(OTHER_ED25519)).unwrap();
    assert_eq!(service.decode(&token), Err(InvalidReason::Signature.into()));
    service.ring.remove("1").unwrap();
    service.ring.add(key(ED25519)).unwrap();
    assert_eq!(service.decode(&token), Ok(()));
}

#[test]
fn more_tokens_than_the_cache_holds_are_all_verified() {
    let service = service(1);
    let tokens: Vec<String> = (0..200).map(|id| service.token(id)).collect();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| tokens.iter().for_each(|token| assert_eq!(service.decode(token), Ok(()))));
        }
    });
}

#[test]
fn the_size_of_the_cache_has_bounds() {
    for tokens in [0, 1_000_001, usize::MAX] {
        let error =
            TokenManager::builder().key(key(ED25519)).remember_signatures(tokens).build().unwrap_err();
        assert!(error.to_string().contains("`remember_signatures`"), "{error}");
    }
    let most = TokenManager::builder().key(key(ED25519)).remember_signatures(1_000_000).build();
    assert!(most.is_ok_and(|tokens| tokens.access_expiry() > Duration::ZERO));
}
