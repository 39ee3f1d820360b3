//! Keys that tokens do not name: a new one shows itself only by signatures that the old one did not make.

use std::thread;
use std::time::{Duration, Instant};

use gatevault::error::InvalidReason;
use gatevault::{Issuer, JwkSet, KeyRing, TokenError, TokenManager};

use crate::script::Script;
use crate::signer::{Signer, set};
use crate::{CENTURY, ISSUER, PENDING, SECOND, accepting, arrived, eventually, failure, from, verdict};

const FORGED: Result<(), TokenError> = Err(TokenError::Invalid(InvalidReason::Signature));

/// Verifies that tokens of `new` are pending and then accepted when it replaces `old`.
fn rotates(old: &Signer, new: &Signer, token: impl Fn(&Signer) -> String) {
    let script = Script::answering(set(&[old]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    assert_eq!(verdict(&tokens, &token(old)), Ok(()));
    script.answer(set(&[new]));
    let mut verdicts = Vec::new();
    let fresh = token(new);
    eventually("the new key", || {
        verdicts.push(verdict(&tokens, &fresh));
        verdicts.last() == Some(&Ok(()))
    });
    verdicts.dedup();
    assert_eq!(verdicts, [PENDING, Ok(())]);
    assert_eq!(script.fetches(), 2);
}

#[test]
fn a_key_without_an_id_that_replaces_another_is_found() {
    rotates(&Signer::without_kid(), &Signer::without_kid(), Signer::token);
}

#[test]
fn a_key_without_an_id_is_found_by_tokens_that_name_one() {
    rotates(&Signer::without_kid(), &Signer::without_kid(), |signer| signer.token_naming(Some("a")));
}

#[test]
fn a_key_with_an_id_is_found_by_tokens_that_name_none() {
    rotates(&Signer::es256("a"), &Signer::es256("b"), |signer| signer.token_naming(None));
}

#[test]
fn a_forged_token_under_a_key_without_an_id_is_rejected_after_one_fetch() {
    let (genuine, forger) = (Signer::without_kid(), Signer::without_kid());
    let script = Script::answering(set(&[&genuine]));
    script.fail();
    let keys = from(&script).min_refetch_interval(Duration::from_hours(1)).build().unwrap();
    let tokens = accepting(&keys);
    let first = forger.token();
    failure(&keys);
    script.hold();
    let seen = script.fetches();
    assert_eq!(verdict(&tokens, &first), PENDING);
    eventually("a fetch that began after the token", || script.fetches() > seen);
    script.answer(set(&[&genuine]));
    script.release();
    eventually("the end of the fetch", || verdict(&tokens, &first) == FORGED);
    let fetches = script.fetches();
    // Another forged token waits for the next fetch, which is an hour away.
    let another = forger.token_naming(Some("b"));
    for _ in 0..100 {
        assert_eq!(verdict(&tokens, &another), PENDING);
        assert_eq!(verdict(&tokens, &first), FORGED);
        assert_eq!(verdict(&tokens, &genuine.token()), Ok(()));
    }
    assert_eq!(script.fetches(), fetches);
}

#[test]
fn forged_tokens_cause_at_most_one_fetch_per_interval() {
    let (genuine, forger) = (Signer::without_kid(), Signer::without_kid());
    let script = Script::answering(set(&[&genuine]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let (tokens, start) = (accepting(&keys), Instant::now());
    arrived(&keys);
    // Each signature is another one.
    for number in 0..2000 {
        let verdict = verdict(&tokens, &forger.token_naming(Some(&number.to_string())));
        assert!([PENDING, FORGED].contains(&verdict), "{verdict:?}");
    }
    assert_eq!(verdict(&tokens, &genuine.token()), Ok(()));
    let (fetches, seconds) = (script.fetches(), start.elapsed().as_secs());
    assert!(u64::try_from(fetches).unwrap() <= seconds + 2, "{fetches} fetches in {seconds} seconds");
}

#[test]
fn a_forged_token_that_names_a_fetched_key_is_rejected_at_once_and_causes_no_fetch() {
    let (genuine, forger) = (Signer::es256("a"), Signer::es256("a"));
    let script = Script::answering(set(&[&genuine]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    // Longer than the interval, so that a fetch would follow if one were requested.
    for _ in 0..30 {
        assert_eq!(verdict(&tokens, &forger.token()), FORGED);
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(script.fetches(), 1);
}

#[test]
fn a_forged_token_under_a_key_that_is_not_fetched_is_rejected_at_once() {
    let (genuine, forger) = (Signer::without_kid(), Signer::without_kid());
    let ring = KeyRing::verifying(JwkSet::from_json(&set(&[&genuine])).unwrap()).unwrap();
    let tokens = TokenManager::builder()
        .accept(Issuer::new(ISSUER, ring).audience("billing").max_lifetime(CENTURY))
        .build()
        .unwrap();
    assert_eq!(verdict(&tokens, &forger.token()), FORGED);
    assert_eq!(verdict(&tokens, &genuine.token()), Ok(()));
}
