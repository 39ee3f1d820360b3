//! Key rotation at the issuer, which logs no user out.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{GuardError, Issuer, KeyRing, RemoteKeys, TokenError, TokenManager};

use crate::script::Script;
use crate::signer::{Signer, set};
use crate::{CENTURY, ISSUER, PENDING, SECOND, accepting, arrived, eventually, from, verdict};

#[test]
fn before_the_first_key_set_a_token_is_unavailable_and_then_accepted() {
    let signer = Signer::es256("a");
    let script = Script::answering(set(&[&signer]));
    script.hold();
    let keys = from(&script).build().unwrap();
    let tokens = accepting(&keys);
    let pending = verdict(&tokens, &signer.token());
    assert_eq!(pending, PENDING);
    let denial = GuardError::from(pending.unwrap_err());
    assert_eq!((denial.status(), denial.challenge()), (503, None));
    script.release();
    arrived(&keys);
    assert_eq!(verdict(&tokens, &signer.token()), Ok(()));
}

#[test]
fn the_first_token_after_a_rotation_is_unavailable_and_then_accepted() {
    let (old, new) = (Signer::es256("old"), Signer::rs256("new"));
    let script = Script::answering(set(&[&old]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    script.answer(set(&[&old, &new]));
    let mut verdicts = Vec::new();
    eventually("the new key", || {
        verdicts.push(verdict(&tokens, &new.token()));
        verdicts.last() == Some(&Ok(()))
    });
    verdicts.dedup();
    assert_eq!(verdicts, [PENDING, Ok(())]);
    assert_eq!(verdict(&tokens, &old.token()), Ok(()));
    assert_eq!(script.fetches(), 2);
}

#[test]
fn an_issuer_that_is_down_keeps_its_last_keys_for_a_limited_time() {
    let signer = Signer::es256("a");
    let script = Script::answering(set(&[&signer]));
    let clock = ManualClock::default();
    let keys = from(&script).refresh_interval(SECOND).clock(clock.clone()).build().unwrap();
    let issuer = Issuer::new(ISSUER, keys.clone()).audience("billing").max_lifetime(CENTURY);
    let tokens = TokenManager::builder().accept(issuer).clock(clock.clone()).build().unwrap();
    arrived(&keys);
    script.fail();
    let seen = script.fetches();
    eventually("failed fetches", || script.fetches() >= seen + 2);
    clock.advance(Duration::from_hours(23));
    assert_eq!(verdict(&tokens, &signer.token()), Ok(()));
    clock.advance(Duration::from_hours(2));
    assert_eq!(verdict(&tokens, &signer.token()), PENDING);
    script.answer(set(&[&signer]));
    eventually("the issuer is back", || verdict(&tokens, &signer.token()) == Ok(()));
}

#[test]
fn a_key_that_is_removed_from_the_set_no_longer_verifies() {
    let (kept, gone) = (Signer::es256("kept"), Signer::es256("gone"));
    let script = Script::answering(set(&[&kept, &gone]));
    let keys = from(&script).refresh_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    assert_eq!(verdict(&tokens, &gone.token()), Ok(()));
    script.answer(set(&[&kept]));
    eventually("the key is gone", || verdict(&tokens, &gone.token()).is_err());
    assert_eq!(verdict(&tokens, &kept.token()), Ok(()));
}

#[test]
fn two_issuers_with_the_same_kid_verify_only_their_own_tokens() {
    const OTHER: &str = "https://id.other.example";
    let (ours, theirs) = (Signer::es256("1"), Signer::es256("1"));
    let (first, second) = (Script::answering(set(&[&ours])), Script::answering(set(&[&theirs])));
    let (first, second) = (from(&first).build().unwrap(), from(&second).build().unwrap());
    let tokens = TokenManager::builder()
        .accept(Issuer::new(ISSUER, first.clone()).audience("billing").max_lifetime(CENTURY))
        .accept(Issuer::new(OTHER, second.clone()).audience("billing").max_lifetime(CENTURY))
        .build()
        .unwrap();
    arrived(&first);
    arrived(&second);
    assert_eq!(verdict(&tokens, &ours.token_of(ISSUER)), Ok(()));
    assert_eq!(verdict(&tokens, &theirs.token_of(OTHER)), Ok(()));
    // `iss` chooses the issuer whose key is tried.
    let foreign = Err(TokenError::Invalid(InvalidReason::Signature));
    assert_eq!(verdict(&tokens, &ours.token_of(OTHER)), foreign);
    assert_eq!(verdict(&tokens, &theirs.token_of(ISSUER)), foreign);
}

#[test]
fn a_token_of_one_issuer_triggers_no_fetch_from_another_issuer() {
    let (here, there) = (Signer::es256("here"), Signer::es256("there"));
    let (asked, bystander) = (Script::answering(set(&[&here])), Script::answering(set(&[&there])));
    let first = from(&bystander).min_refetch_interval(SECOND).build().unwrap();
    let second = from(&asked).min_refetch_interval(SECOND).build().unwrap();
    let tokens = TokenManager::builder()
        .accept(
            Issuer::new("https://id.other.example", first.clone()).audience("billing").max_lifetime(CENTURY),
        )
        .accept(Issuer::new(ISSUER, second.clone()).audience("billing").max_lifetime(CENTURY))
        .build()
        .unwrap();
    arrived(&first);
    arrived(&second);
    // Longer than the other issuer's interval, so that it would fetch if it were triggered.
    for _ in 0..30 {
        assert_eq!(verdict(&tokens, &here.token()), Ok(()));
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(bystander.fetches(), 1);
    let unknown = Signer::es256("unknown").token();
    eventually("the issuer in `iss` is asked for a key that neither has", || {
        assert!(verdict(&tokens, &unknown).is_err());
        asked.fetches() > 1
    });
    assert_eq!(bystander.fetches(), 1);
}

#[test]
fn the_thread_ends_when_the_last_owner_of_its_keys_is_dropped() {
    let signer = Signer::es256("a");
    let script = Script::answering(set(&[&signer]));
    let alive = Arc::new(());
    let thread = Arc::downgrade(&alive);
    let mut fetch = script.fetch();
    let keys = RemoteKeys::jwks("https://id.example/jwks")
        .fetch_with(move |url| {
            let _ = Arc::strong_count(&alive);
            fetch(url)
        })
        .build()
        .unwrap();
    arrived(&keys);
    let ring = KeyRing::from(keys.clone());
    let tokens = accepting(&keys);
    drop(keys);
    drop(tokens);
    assert_eq!(ring.verifying_keys().len(), 1);
    assert!(thread.upgrade().is_some());
    drop(ring);
    eventually("the thread has ended", || thread.upgrade().is_none());
}
