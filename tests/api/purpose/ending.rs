//! What ends a purpose token before it expires: its key, its user, its session, and revocations that cannot be known.

use std::time::{Duration, Instant, UNIX_EPOCH};

use gatevault::error::InvalidReason;
use gatevault::session::StalePolicy;
use gatevault::testing::ManualClock;
use gatevault::token::{Purpose, PurposeSubject};
use gatevault::{
    Clock, KeyRing, Payload, RevocationFeed, SigningKey, TokenError, TokenManager, UserId, VerifyingKey,
};
use gatevault_tests::{SECRET, START, timed, tokens};

use super::{HASH, RESET, TICKET, ada, decode, reason, reset, wrong_signature};

const SECOND: Duration = Duration::from_secs(1);

fn key(id: &str) -> SigningKey {
    SigningKey::hs256(format!("{id}: {SECRET}")).unwrap().with_id(id).unwrap()
}

fn over(ring: &KeyRing) -> (TokenManager, ManualClock) {
    let clock = ManualClock::at(UNIX_EPOCH + Duration::from_secs(START));
    let builder = TokenManager::builder().key_ring(ring.clone()).clock(clock.clone());
    (builder.build().unwrap(), clock)
}

#[test]
fn a_token_outlives_the_rotation_of_keys_and_dies_with_its_key() {
    let ring = KeyRing::new(key("old"));
    let (tokens, _) = over(&ring);
    let before = reset(&tokens);
    ring.add(key("new")).unwrap();
    assert!(decode(&tokens, &before).is_ok());
    ring.promote("new").unwrap();
    let after = reset(&tokens);
    assert!(decode(&tokens, &before).is_ok() && decode(&tokens, &after).is_ok());
    ring.remove("old").unwrap();
    assert_eq!(reason(decode(&tokens, &before)), wrong_signature(&RESET));
    assert!(decode(&tokens, &after).is_ok());
}

#[test]
fn a_retired_key_verifies_until_its_end_and_signs_nothing_after() {
    let ring = KeyRing::new(key("old"));
    let (tokens, clock) = over(&ring);
    let week = Purpose::new("invitation", Duration::from_hours(7 * 24));
    let create = || tokens.create_purpose_token(&week, &ada(), "").unwrap();
    let token = create();
    ring.add(key("new")).unwrap();
    ring.promote("new").unwrap();
    tokens.retire_key("old").unwrap();
    clock.advance(week.lifetime().checked_sub(SECOND).unwrap());
    assert!(tokens.decode_purpose_token(&week, &token, "").is_ok());
    clock.advance(SECOND);
    let refused = tokens.decode_purpose_token(&week, &token, "");
    assert_eq!(reason(refused), wrong_signature(&week), "the key has ended in the same second");
}

/// A key verifies until the last of its tokens has expired, of any kind.
#[test]
fn a_retired_key_does_not_end_before_the_tokens_with_the_longest_lifetime() {
    let month = Duration::from_hours(30 * 24);
    let ring = KeyRing::new(key("old"));
    let clock = ManualClock::at(UNIX_EPOCH + Duration::from_secs(START));
    let builder = TokenManager::builder().key_ring(ring.clone()).clock(clock.clone());
    let tokens = builder.max_lifetime(month).build().unwrap();
    let invitation = Purpose::new("invitation", month);
    let purpose = tokens.create_purpose_token(&invitation, &ada(), "").unwrap();
    let access = tokens.create_access_token_expiring_in(&Payload::new(42), month).unwrap();
    ring.add(key("new")).unwrap();
    ring.promote("new").unwrap();
    tokens.retire_key("old").unwrap();
    clock.advance(month.checked_sub(SECOND).unwrap());
    assert!(tokens.decode_purpose_token(&invitation, &purpose, "").is_ok());
    assert!(tokens.decode_access_token::<Payload>(&access).is_ok());
    clock.advance(SECOND);
    assert!(tokens.decode_purpose_token(&invitation, &purpose, "").is_err());
}

#[test]
fn a_key_without_an_id_verifies_beside_others() {
    let ring = KeyRing::new(SigningKey::hs256(SECRET).unwrap());
    let (tokens, _) = over(&ring);
    let token = reset(&tokens);
    ring.add(key("new")).unwrap();
    ring.promote("new").unwrap();
    assert!(decode(&tokens, &token).is_ok());
    // A node that knows the key under another id.
    let renamed = VerifyingKey::hs256(SECRET).unwrap().with_id("renamed").unwrap();
    let node = TokenManager::builder().key_ring(KeyRing::verifying([renamed]).unwrap()).build().unwrap();
    assert!(decode(&node, &reset(&self::tokens())).is_ok());
}

#[test]
fn a_revoked_token_is_refused() {
    let tokens = tokens();
    let (token, other) = (reset(&tokens), reset(&tokens));
    let verified = decode(&tokens, &token).unwrap();
    tokens.revoke_token(None, verified.token_id(), verified.expires_at()).unwrap();
    assert_eq!(reason(decode(&tokens, &token)), InvalidReason::Revoked);
    assert!(decode(&tokens, &other).is_ok());
}

#[test]
fn revoke_user_ends_the_tokens_of_the_user_up_to_that_time_and_of_no_other() {
    let (builder, clock) = timed();
    let tokens = builder.clock_skew(Duration::ZERO).build().unwrap();
    let create = |user: &UserId| tokens.create_purpose_token(&RESET, user, HASH).unwrap();
    let (token, other, text) = (create(&ada()), create(&43.into()), create(&"42".into()));
    tokens.revoke_user(None, &ada(), clock.now()).unwrap();
    assert_eq!(reason(decode(&tokens, &token)), InvalidReason::Revoked);
    assert!(decode(&tokens, &other).is_ok() && decode(&tokens, &text).is_ok());
    clock.advance(SECOND);
    assert!(decode(&tokens, &create(&ada())).is_ok());
    assert_eq!(reason(decode(&tokens, &token)), InvalidReason::Revoked);
}

#[test]
fn revoke_session_ends_the_tokens_of_the_session() {
    let (tokens, user) = (tokens(), ada());
    let create = |subject| tokens.create_purpose_token(&TICKET, subject, "").unwrap();
    let subject = PurposeSubject::new(&user);
    let [one, other, none] = [subject.session("one"), subject.session("other"), subject].map(create);
    tokens.revoke_session(None, "one").unwrap();
    let decode = |token: &str| tokens.decode_purpose_token(&TICKET, token, "");
    assert_eq!(reason(decode(&one)), InvalidReason::Revoked);
    assert!(decode(&other).is_ok() && decode(&none).is_ok());
}

/// The revocation is as old as the longest-lived purpose token can be.
#[test]
fn a_revocation_is_kept_for_as_long_as_any_purpose_token_lives() {
    let (builder, clock) = timed();
    let tokens = builder.refresh_expiry(Duration::from_hours(1)).build().unwrap();
    let day = Purpose::new("invitation", Duration::from_hours(24));
    let token = tokens.create_purpose_token(&day, PurposeSubject::new(&ada()).session("one"), "").unwrap();
    tokens.revoke_session(None, "one").unwrap();
    let seconds = day.lifetime().as_secs();
    for step in [seconds / 2, seconds / 2 - 1] {
        clock.advance(Duration::from_secs(step));
        // A new entry removes old ones.
        tokens.revoke_session(None, &format!("other {step}")).unwrap();
        assert_eq!(reason(tokens.decode_purpose_token(&day, &token, "")), InvalidReason::Revoked);
    }
}

#[test]
fn a_stale_feed_under_the_strict_policy_refuses_purpose_tokens() {
    let tokens = tokens();
    let token = reset(&tokens);
    let never = super::redeeming::Unreachable;
    let feed = RevocationFeed::of(never).max_staleness(Duration::from_secs(1)).when_stale(StalePolicy::Deny);
    let _feed = feed.follow(&tokens).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match decode(&tokens, &token) {
            Err(TokenError::Invalid(InvalidReason::RevocationsUnknown)) => break,
            other => assert!(Instant::now() < deadline, "{other:?}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
