//! Key rotation at the issuer, which logs no user out.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{GuardError, Issuer, KeyRing, RemoteKeys, TokenError, TokenManager};

use crate::script::Script;
use crate::signer::{Signer, set};
use crate::{ISSUER, accepting, arrived, eventually, verdict};

const PENDING: Result<(), TokenError> = Err(TokenError::Invalid(InvalidReason::KeysPending));
const UNKNOWN: Result<(), TokenError> = Err(TokenError::Invalid(InvalidReason::KeyId));
const SECOND: Duration = Duration::from_secs(1);

fn from(script: &Script) -> gatevault::key::RemoteKeysBuilder {
    RemoteKeys::jwks("https://id.example/jwks").fetch_with(script.fetch())
}

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
    // The last fetch is recent, so the next one waits for the interval.
    verdicts.retain(|verdict| *verdict != UNKNOWN);
    assert_eq!(verdicts, [PENDING, Ok(())]);
    assert_eq!(verdict(&tokens, &old.token()), Ok(()));
    assert_eq!(script.fetches(), 2);
}

#[test]
fn a_thousand_unknown_keys_cause_one_fetch() {
    let known = Signer::es256("known");
    let script = Script::answering(set(&[&known]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    script.hold();
    let unknown = Signer::es256("unknown");
    eventually("a second fetch", || verdict(&tokens, &unknown.token()) == PENDING);
    thread::scope(|scope| {
        for thread in 0..10 {
            let (tokens, unknown) = (&tokens, &unknown);
            scope.spawn(move || {
                for kid in 0..100 {
                    let header =
                        jsonwebtoken::Header { kid: Some(format!("{thread}-{kid}")), ..unknown.header() };
                    assert_eq!(verdict(tokens, &unknown.token_with(&header, ISSUER)), PENDING);
                }
            });
        }
    });
    // All of these were decided while a fetch hangs, so no guard waits for a fetch.
    assert_eq!(verdict(&tokens, &known.token()), Ok(()));
    eventually("the second fetch", || script.fetches() == 2);
    script.release();
}

#[test]
fn between_two_fetches_an_unknown_key_is_unknown_and_triggers_no_fetch() {
    let known = Signer::es256("known");
    let script = Script::answering(set(&[&known]));
    let keys = from(&script).min_refetch_interval(Duration::from_hours(1)).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    let unknown = Signer::es256("unknown").token();
    eventually("the end of the fetch", || verdict(&tokens, &unknown) == UNKNOWN);
    for _ in 0..1000 {
        assert_eq!(verdict(&tokens, &unknown), UNKNOWN);
    }
    assert_eq!(script.fetches(), 1);
}

#[test]
fn an_issuer_that_is_down_keeps_its_last_keys_for_a_limited_time() {
    let signer = Signer::es256("a");
    let script = Script::answering(set(&[&signer]));
    let clock = ManualClock::default();
    let keys = from(&script).refresh_interval(SECOND).clock(clock.clone()).build().unwrap();
    let issuer = Issuer::new(ISSUER, keys.clone()).audience("billing");
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
        .accept(Issuer::new(ISSUER, first.clone()).audience("billing"))
        .accept(Issuer::new(OTHER, second.clone()).audience("billing"))
        .build()
        .unwrap();
    arrived(&first);
    arrived(&second);
    assert_eq!(verdict(&tokens, &ours.token_of(ISSUER)), Ok(()));
    assert_eq!(verdict(&tokens, &theirs.token_of(OTHER)), Ok(()));
    let foreign = Err(TokenError::Invalid(InvalidReason::Issuer));
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
        .accept(Issuer::new("https://id.other.example", first.clone()).audience("billing"))
        .accept(Issuer::new(ISSUER, second.clone()).audience("billing"))
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
    eventually("both are asked for a key that neither has", || {
        assert!(verdict(&tokens, &unknown).is_err());
        bystander.fetches() > 1 && asked.fetches() > 1
    });
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
