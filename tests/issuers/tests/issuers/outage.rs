//! A provider that is down: known keys continue to verify, and unknown ones are unavailable until it is back.

use std::thread;
use std::time::{Duration, Instant};

use gatevault_issuers::{Provider, resource, service_token};

use crate::{accepting, accepting_with, es256, pending_keys_of, status, statuses_until_accepted};

#[test]
fn the_tokens_of_known_keys_outlive_a_killed_provider_and_new_ones_wait_for_it() {
    let mut provider = Provider::start(&[es256("old")]);
    let tokens = accepting(&provider);
    let old = service_token(&provider, &resource("ES256"));
    provider.start_again(&[&[es256("new")], provider.keys()].concat());
    let new = service_token(&provider, &resource("ES256"));
    let keys = provider.keys().to_vec();
    provider.kill();
    during_an_outage(|| {
        assert_eq!(status(&tokens, &old), 200);
        assert_eq!(status(&tokens, &new), 503);
    });
    provider.start_again(&keys);
    assert_eq!(statuses_until_accepted(&tokens, &new), [503, 200]);
    assert_eq!(status(&tokens, &old), 200);
}

#[test]
fn a_service_that_starts_before_its_provider_is_unavailable_and_then_works() {
    let mut provider = Provider::start(&[es256("1")]);
    let token = service_token(&provider, &resource("ES256"));
    let keys = provider.keys().to_vec();
    provider.kill();
    let tokens = accepting_with(&provider, pending_keys_of(provider.issuer(), Duration::from_secs(1)));
    during_an_outage(|| assert_eq!(status(&tokens, &token), 503));
    provider.start_again(&keys);
    assert_eq!(statuses_until_accepted(&tokens, &token), [503, 200]);
}

/// Repeats assertions over several failed fetches, which are seconds apart.
fn during_an_outage(assertions: impl Fn()) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(4) {
        assertions();
        thread::sleep(Duration::from_millis(5));
    }
}
