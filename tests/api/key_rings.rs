//! Keys that are added, promoted, retired and removed while tokens are verified.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use gatevault::error::{InvalidReason, Warning};
use gatevault::testing::ManualClock;
use gatevault::web::CsrfToken;
use gatevault::{ConfigError, KeyRing, Payload, SigningKey, TokenError, TokenManager, VerifyingKey};
use gatevault_tests::{SECRET, timed};

fn key(id: &str) -> SigningKey {
    SigningKey::hs256(format!("{id}{SECRET}")).unwrap().with_id(id).unwrap()
}

fn manager(ring: &KeyRing) -> (TokenManager, ManualClock) {
    let (_, clock) = timed();
    (TokenManager::builder().key_ring(ring.clone()).clock(clock.clone()).build().unwrap(), clock)
}

fn decode(tokens: &TokenManager, token: &str) -> Result<(), TokenError> {
    tokens.decode_token::<Payload>(token).map(drop)
}

#[test]
fn a_key_rotation_logs_no_user_out() {
    let ring = KeyRing::new(key("old"));
    let (tokens, clock) = manager(&ring);
    let refresh = tokens.create_refresh_token(&Payload::new(42)).unwrap();

    ring.add(key("new")).unwrap();
    let announced = tokens.create_access_token(&Payload::new(42)).unwrap();
    ring.promote("new").unwrap();
    let signed_anew = tokens.create_access_token(&Payload::new(42)).unwrap();
    tokens.retire_key("old").unwrap();

    for token in [&refresh, &announced, &signed_anew] {
        assert_eq!(decode(&tokens, token), Ok(()));
    }
    // The old key verifies until its last token expires.
    let by_old_key = TokenManager::builder().key(key("old")).clock(clock.clone()).build().unwrap();
    clock.advance(tokens.refresh_expiry().saturating_sub(Duration::from_secs(1)));
    assert_eq!(decode(&tokens, &refresh), Ok(()));
    let late = by_old_key.create_access_token(&Payload::new(42)).unwrap();
    assert_eq!(decode(&tokens, &late), Ok(()));
    clock.advance(Duration::from_secs(1));
    assert_eq!(decode(&tokens, &late), Err(InvalidReason::KeyId.into()));
    let fresh = tokens.create_access_token(&Payload::new(42)).unwrap();
    assert_eq!(decode(&tokens, &fresh), Ok(()));
}

/// A page that is open during the rotation sends the token that the old key signed.
#[test]
fn a_csrf_token_outlives_the_rotation_of_keys_and_dies_with_its_key() {
    let ring = KeyRing::new(key("old"));
    let (tokens, clock) = manager(&ring);
    let signed = || CsrfToken::of_session("a session", &tokens).unwrap();
    let is_good = |token: &CsrfToken| CsrfToken::is_of_session(token.as_str(), "a session", &tokens);
    let before = signed();
    ring.add(key("new")).unwrap();
    ring.promote("new").unwrap();
    tokens.retire_key("old").unwrap();
    let after = signed();
    assert!(is_good(&before) && is_good(&after));
    clock.advance(tokens.refresh_expiry());
    assert!(!is_good(&before) && is_good(&after), "the old key has ended");

    let leaked = signed();
    ring.add(key("next")).unwrap();
    ring.promote("next").unwrap();
    assert!(is_good(&leaked));
    ring.remove("new").unwrap();
    assert!(!is_good(&leaked));
}

#[test]
fn a_key_that_is_removed_verifies_nothing_from_then_on() {
    let ring = KeyRing::new(key("leaked"));
    let (tokens, _) = manager(&ring);
    let token = tokens.create_access_token(&Payload::new(42)).unwrap();
    ring.add(key("new")).unwrap();
    ring.promote("new").unwrap();
    assert_eq!(decode(&tokens, &token), Ok(()));
    ring.remove("leaked").unwrap();
    assert_eq!(decode(&tokens, &token), Err(InvalidReason::KeyId.into()));
}

#[test]
fn a_secret_without_an_id_is_replaced_like_any_key() {
    let ring = KeyRing::new(SigningKey::hs256(SECRET).unwrap());
    let (tokens, _) = manager(&ring);
    let before = tokens.create_access_token(&Payload::new(42)).unwrap();
    ring.add(key("2026-12")).unwrap();
    ring.promote("2026-12").unwrap();
    let after = tokens.create_access_token(&Payload::new(42)).unwrap();
    assert_eq!((decode(&tokens, &before), decode(&tokens, &after)), (Ok(()), Ok(())));
    ring.remove("").unwrap();
    assert!(decode(&tokens, &before).is_err());
    assert_eq!(decode(&tokens, &after), Ok(()));
}

#[test]
fn a_token_with_the_id_of_one_key_and_the_signature_of_another_is_rejected() {
    let ring = KeyRing::new(key("one"));
    ring.add(key("two")).unwrap();
    let (tokens, _) = manager(&ring);
    let two_as_one = SigningKey::hs256(format!("two{SECRET}")).unwrap().with_id("one").unwrap();
    let forger = TokenManager::builder().key(two_as_one).build().unwrap();
    let token = forger.create_access_token(&Payload::new(42)).unwrap();
    assert_eq!(decode(&tokens, &token), Err(InvalidReason::Signature.into()));
    let nameless = TokenManager::new(format!("one{SECRET}")).unwrap();
    let token = nameless.create_access_token(&Payload::new(42)).unwrap();
    let no_id = InvalidReason::NoKeyId { algorithm: "HS256".to_owned(), candidates: 2 };
    assert_eq!(decode(&tokens, &token), Err(no_id.into()));
}

#[test]
fn every_misuse_of_a_ring_is_an_error_that_names_the_key() {
    let ring = KeyRing::new(key("one"));
    ring.add(VerifyingKey::hs256(SECRET).unwrap().with_id("theirs").unwrap()).unwrap();
    let id = |id: &str| id.to_owned();
    let unknown = Err(ConfigError::UnknownKey { id: id("none") });
    let in_use = Err(ConfigError::KeyInUse { id: id("one") });
    assert_eq!(ring.add(key("one")), Err(ConfigError::RepeatedKey { id: id("one") }));
    assert_eq!(ring.promote("none"), unknown);
    assert_eq!(ring.promote("theirs"), Err(ConfigError::CannotSign { id: id("theirs") }));
    assert_eq!(ring.remove("none"), unknown);
    assert_eq!(ring.remove("one"), in_use);
    assert_eq!(ring.retire("one", UNIX_EPOCH), in_use);
    let before_1970 = UNIX_EPOCH.checked_sub(Duration::from_secs(1)).unwrap();
    assert_eq!(ring.retire("theirs", before_1970), Err(ConfigError::TimeOutOfBounds { setting: "retire" }));
    // None of these errors changed the ring.
    let ids: Vec<_> = ring.verifying_keys().iter().map(|key| key.id().map(str::to_owned)).collect();
    assert_eq!(ids, [Some(id("one")), Some(id("theirs"))]);
    let (tokens, _) = manager(&ring);
    assert!(tokens.retire_key("none").is_err() && tokens.retire_key("one").is_err());
}

#[test]
fn a_ring_that_only_verifies_creates_no_tokens() {
    let keys = [VerifyingKey::hs256(SECRET).unwrap()];
    let (tokens, _) = manager(&KeyRing::verifying(keys).unwrap());
    let refused = tokens.create_access_token(&Payload::new(42)).unwrap_err();
    assert_eq!(refused, InvalidReason::NoSigningKey.into());
    assert_eq!(decode(&tokens, &made_elsewhere()), Ok(()));
}

fn made_elsewhere() -> String {
    let (builder, _) = timed();
    builder.build().unwrap().create_access_token(&Payload::new(42)).unwrap()
}

#[test]
fn every_short_secret_of_a_ring_warns() {
    let ring = KeyRing::new(key("long"));
    ring.add(SigningKey::hs256("short").unwrap()).unwrap();
    let (tokens, _) = manager(&ring);
    assert_eq!(tokens.warnings(), [Warning::ShortKey { bytes: 5, recommended: 32 }]);
    let denied = TokenManager::builder().key_ring(ring).deny_short_key().build();
    assert_eq!(denied.unwrap_err(), ConfigError::ShortKey { bytes: 5, recommended: 32 });
}

#[test]
fn tokens_are_verified_while_keys_change() {
    let ring = KeyRing::new(key("0"));
    let tokens = TokenManager::builder().key_ring(ring.clone()).build().unwrap();
    let (newest, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    // The newest key when each thread began its round: a key before it can no longer have signed a token under way.
    let begun = [(); 2].map(|()| AtomicU64::new(0));
    thread::scope(|scope| {
        for begun in &begun {
            let (tokens, newest, is_over) = (&tokens, &newest, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::SeqCst) {
                    begun.store(newest.load(Ordering::SeqCst), Ordering::SeqCst);
                    let token = tokens.create_access_token(&Payload::new(42)).unwrap();
                    assert_eq!(decode(tokens, &token), Ok(()));
                }
            });
        }
        let mut oldest = 0;
        for round in 1..200 {
            ring.add(key(&round.to_string())).unwrap();
            ring.promote(&round.to_string()).unwrap();
            newest.store(round, Ordering::SeqCst);
            let in_use = begun.each_ref().map(|begun| begun.load(Ordering::SeqCst)).into_iter().min();
            while in_use.is_some_and(|in_use| oldest < in_use) {
                ring.remove(&oldest.to_string()).unwrap();
                oldest += 1;
            }
        }
        is_over.store(true, Ordering::SeqCst);
    });
    assert_eq!(decode(&tokens, &tokens.create_access_token(&Payload::new(42)).unwrap()), Ok(()));
}
