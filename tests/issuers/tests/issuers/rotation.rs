//! New keys of a provider: its genuine tokens are unavailable for a short time at worst, and never refused.

use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use gatevault_issuers::{Provider, resource, service_token};

use crate::{
    accepting, accepting_with, es256, eventually, key_of_each_type, pending_keys_of, status,
    statuses_until_accepted,
};

#[test]
fn a_new_key_before_the_old_one_interrupts_no_token() {
    let mut provider = Provider::start(&[es256("old")]);
    let tokens = accepting(&provider);
    let old = service_token(&provider, &resource("ES256"));
    assert_eq!(status(&tokens, &old), 200);
    provider.start_again(&[&[es256("new")], provider.keys()].concat());
    let new = service_token(&provider, &resource("ES256"));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| statuses_until_accepted(&tokens, &new));
        while !waiting.is_finished() {
            assert_eq!(status(&tokens, &old), 200);
        }
        assert_eq!(waiting.join().unwrap(), [503, 200]);
    });
    assert_eq!(status(&tokens, &old), 200);
    assert_few_fetches(&provider);
}

#[test]
fn a_new_key_in_place_of_the_old_one_is_found_and_the_old_one_is_forgotten() {
    let mut provider = Provider::start(&[es256("old")]);
    let tokens = accepting(&provider);
    let old = service_token(&provider, &resource("ES256"));
    provider.start_again(&[es256("new")]);
    let new = service_token(&provider, &resource("ES256"));
    assert_eq!(status(&tokens, &old), 200, "the new key is not known yet");
    assert_eq!(statuses_until_accepted(&tokens, &new), [503, 200]);
    // 503 while a fetch may bring the key, and 401 after it has not.
    eventually("a withdrawn key", || {
        let status = status(&tokens, &old);
        assert_ne!(status, 200);
        status == 401
    });
    assert_eq!(status(&tokens, &new), 200);
    assert_few_fetches(&provider);
}

#[test]
fn a_new_key_of_every_type_is_found_by_one_fetch() {
    let mut provider = Provider::start(&[es256("old")]);
    let tokens = accepting(&provider);
    provider.start_again(&[provider.keys(), &key_of_each_type()].concat());
    for algorithm in ["RS256", "PS256", "ES384", "ES512", "EdDSA", "Ed25519"] {
        let statuses = statuses_until_accepted(&tokens, &service_token(&provider, &resource(algorithm)));
        let first = algorithm == "RS256";
        assert_eq!(statuses, if first { vec![503, 200] } else { vec![200] }, "{algorithm}");
    }
    assert_few_fetches(&provider);
}

#[test]
fn made_up_key_ids_neither_flood_the_provider_nor_keep_a_new_key_away() {
    let mut provider = Provider::start(&[es256("old")]);
    // Longer than a restart, so that the new key appears while the last fetch is recent.
    let keys = pending_keys_of(provider.issuer(), Duration::from_secs(5));
    let tokens = accepting_with(&provider, keys);
    let old = service_token(&provider, &resource("ES256"));
    eventually("a fetch for a made-up key id", || {
        assert_ne!(status(&tokens, &with_kid(&old, "junk")), 200);
        provider.requests("/jwks") == 2
    });
    provider.start_again(&[es256("new")]);
    let new = service_token(&provider, &resource("ES256"));
    let statuses = thread::scope(|scope| {
        let waiting = scope.spawn(|| statuses_until_accepted(&tokens, &new));
        let mut junk = 0_u32;
        while !waiting.is_finished() {
            assert_ne!(status(&tokens, &with_kid(&new, &format!("junk-{junk}"))), 200);
            junk += 1;
        }
        waiting.join().unwrap()
    });
    assert_eq!(statuses, [503, 200]);
    assert_few_fetches(&provider);
}

/// Returns a token with another key id in its header, and so with a signature that fits no longer.
fn with_kid(token: &str, kid: &str) -> String {
    let header = BASE64_URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#));
    let (_, rest) = token.split_once('.').unwrap();
    format!("{header}.{rest}")
}

/// Asserts that thousands of tokens caused few fetches: the two or three that were needed, and those of a slow machine.
fn assert_few_fetches(provider: &Provider) {
    let fetches = provider.requests("/jwks");
    assert!((2..=5).contains(&fetches), "{fetches} fetches");
}
