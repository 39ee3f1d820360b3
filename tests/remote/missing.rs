//! Missing keys: which tokens wait for a fetch, and which fetches they cause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::{KeyRing, RemoteKeys, TokenManager};

use crate::script::Script;
use crate::signer::{Signer, set};
use crate::{PENDING, SECOND, UNKNOWN, accepting, arrived, eventually, failure, from, verdict};

/// Returns a token that names `kid` and has no valid signature.
fn junk(kid: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(serde_json::json!({"alg": "ES256", "kid": kid}).to_string());
    format!("{header}.e30.{}", URL_SAFE_NO_PAD.encode([7; 64]))
}

/// Ends the other threads of a test, also if an assertion fails.
struct SetOnDrop<'f>(&'f AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Returns the keys of an issuer that answered after `report` was called and publishes `signers`. The next fetch is far.
fn fetched_after(signers: &[&Signer], report: impl Fn(&TokenManager)) -> (Script, TokenManager) {
    let script = Script::answering(set(signers));
    script.fail();
    script.hold();
    let keys = from(&script).min_refetch_interval(Duration::from_hours(1)).build().unwrap();
    let tokens = accepting(&keys);
    // What is reported during the first fetch waits for a later one.
    report(&tokens);
    script.release();
    failure(&keys);
    script.answer(set(signers));
    arrived(&keys);
    (script, tokens)
}

#[test]
fn a_key_that_was_missing_before_a_fetch_is_unknown_after_it_and_every_other_key_is_pending() {
    let known = Signer::es256("known");
    let (script, tokens) = fetched_after(&[&known], |tokens| {
        assert_eq!(verdict(tokens, &junk("asked")), PENDING);
    });
    eventually("the end of the fetch", || verdict(&tokens, &junk("asked")) == UNKNOWN);
    let fetches = script.fetches();
    for number in 0..3000 {
        assert_eq!(verdict(&tokens, &junk(&number.to_string())), PENDING);
        assert_eq!(verdict(&tokens, &junk("asked")), UNKNOWN);
    }
    assert_eq!(verdict(&tokens, &known.token()), Ok(()));
    assert_eq!(script.fetches(), fetches);
}

#[test]
fn invented_key_ids_neither_log_out_users_of_a_new_key_nor_cause_more_fetches() {
    let script = Script::answering(set(&[&Signer::es256("first")]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    let (start, is_over, sent) = (Instant::now(), AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for thread in 0..2 {
            let (tokens, is_over, sent) = (&tokens, &is_over, &sent);
            scope.spawn(move || {
                for number in 0.. {
                    let verdict = verdict(tokens, &junk(&format!("{thread}-{number}")));
                    assert!([PENDING, UNKNOWN].contains(&verdict), "{verdict:?}");
                    let sent = sent.fetch_add(1, Ordering::Relaxed);
                    if sent > 5000 && is_over.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
        }
        let _end = SetOnDrop(&is_over);
        for kid in ["second", "third", "fourth"] {
            let new = Signer::es256(kid);
            let token = new.token();
            script.answer(set(&[&new]));
            eventually("the new key", || {
                let verdict = verdict(&tokens, &token);
                assert!([PENDING, Ok(())].contains(&verdict), "{kid}: {verdict:?}");
                verdict == Ok(())
            });
        }
    });
    let (fetches, seconds) = (script.fetches(), start.elapsed().as_secs());
    assert!(u64::try_from(fetches).unwrap() <= seconds + 2, "{fetches} fetches in {seconds} seconds");
}

#[test]
fn a_key_that_appears_after_its_id_was_unknown_is_found() {
    let late = Signer::es256("late");
    let script = Script::answering(set(&[&Signer::es256("known")]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    eventually("an unknown key", || verdict(&tokens, &late.token()) == UNKNOWN);
    script.answer(set(&[&late]));
    eventually("the late key", || {
        let verdict = verdict(&tokens, &late.token());
        assert!([PENDING, UNKNOWN, Ok(())].contains(&verdict), "{verdict:?}");
        verdict == Ok(())
    });
}

#[test]
fn a_key_that_is_missing_long_after_a_fetch_causes_one_at_once() {
    let (old, new) = (Signer::es256("old"), Signer::es256("new"));
    let script = Script::answering(set(&[&old]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    // The interval passes without a report, and the next regular fetch is a quarter of an hour away.
    thread::sleep(SECOND + SECOND / 2);
    assert_eq!(script.fetches(), 1);
    script.answer(set(&[&old, &new]));
    assert_eq!(verdict(&tokens, &new.token()), PENDING);
    eventually("the new key", || verdict(&tokens, &new.token()) == Ok(()));
}

#[test]
fn a_failed_fetch_leaves_a_missing_key_pending() {
    let (known, new) = (Signer::es256("known"), Signer::es256("new"));
    let script = Script::answering(set(&[&known]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    script.fail();
    let seen = script.fetches();
    eventually("failed fetches", || {
        assert_eq!(verdict(&tokens, &new.token()), PENDING);
        assert_eq!(verdict(&tokens, &known.token()), Ok(()));
        script.fetches() > seen + 2
    });
    script.answer(set(&[&new]));
    let mut verdicts = Vec::new();
    eventually("the new key", || {
        verdicts.push(verdict(&tokens, &new.token()));
        verdicts.last() == Some(&Ok(()))
    });
    verdicts.dedup();
    assert!(verdicts == [PENDING, Ok(())] || verdicts == [Ok(())], "{verdicts:?}");
}

#[test]
fn guards_do_not_wait_for_a_fetch_and_start_no_other_one() {
    let known = Signer::es256("known");
    let script = Script::answering(set(&[&known]));
    let keys = from(&script).min_refetch_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    script.hold();
    eventually("a second fetch", || {
        assert_eq!(verdict(&tokens, &junk("unknown")), PENDING);
        script.fetches() == 2
    });
    thread::scope(|scope| {
        for thread in 0..10 {
            let tokens = &tokens;
            scope.spawn(move || {
                for kid in 0..300 {
                    assert_eq!(verdict(tokens, &junk(&format!("{thread}-{kid}"))), PENDING);
                }
            });
        }
    });
    // All of these were decided while the fetch is held.
    assert_eq!(verdict(&tokens, &known.token()), Ok(()));
    assert_eq!(script.fetches(), 2);
    script.release();
}

#[test]
fn the_thread_ends_when_its_keys_are_dropped_while_a_key_is_missing() {
    // Dropped during a fetch, and while the next fetch is due later.
    for is_held in [true, false] {
        let script = Script::answering(set(&[&Signer::es256("known")]));
        let alive = Arc::new(());
        let thread = Arc::downgrade(&alive);
        let mut fetch = script.fetch();
        let keys = RemoteKeys::jwks("https://id.example/jwks")
            .min_refetch_interval(Duration::from_hours(1))
            .fetch_with(move |url| {
                let _ = Arc::strong_count(&alive);
                fetch(url)
            });
        if is_held {
            script.hold();
        }
        let keys = keys.build().unwrap();
        if !is_held {
            arrived(&keys);
        }
        let tokens = accepting(&keys);
        assert_eq!(verdict(&tokens, &junk("unknown")), PENDING);
        let ring = KeyRing::from(keys);
        drop(tokens);
        assert!(thread.upgrade().is_some());
        drop(ring);
        script.release();
        eventually("the thread has ended", || thread.upgrade().is_none());
    }
}
