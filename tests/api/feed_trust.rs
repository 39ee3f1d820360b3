//! Several revocation feeds of one manager, of which some are stale.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use gatevault::error::InvalidReason;
use gatevault::session::StalePolicy;
use gatevault::testing::ManualClock;
use gatevault::{Payload, RevocationFeed, TokenError, TokenManager};
use gatevault_tests::timed;

use crate::invalidation::Reachable;

const STALENESS: Duration = Duration::from_secs(30);

/// A manager with a token that stays valid, and two stores.
struct Followed {
    tokens: TokenManager,
    clock: ManualClock,
    token: String,
    stores: [Reachable; 2],
}

impl Followed {
    fn new() -> Self {
        let (builder, clock) = timed();
        let tokens = builder.build().unwrap();
        let token = tokens.create_access_token(&Payload::new(1)).unwrap();
        Self { tokens, clock, token, stores: Default::default() }
    }

    fn follow(&self, store: usize, policy: StalePolicy) -> RevocationFeed {
        let feed = RevocationFeed::of(self.stores[store].clone()).poll_interval(Duration::from_millis(10));
        feed.max_staleness(STALENESS).when_stale(policy).follow(&self.tokens).unwrap()
    }

    fn set_lost(&self, store: usize, is_lost: bool) {
        self.stores[store].is_lost.store(is_lost, Ordering::SeqCst);
    }

    fn is_accepted(&self) -> bool {
        match self.tokens.decode_access_token::<Payload>(&self.token) {
            Ok(_) => true,
            Err(TokenError::Invalid(InvalidReason::RevocationsUnknown)) => false,
            Err(error) => panic!("{error:?}"),
        }
    }

    fn becomes_accepted(&self) -> bool {
        let deadline = Instant::now() + STALENESS;
        while !self.is_accepted() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.is_accepted()
    }

    /// Returns whether guards deny the token while the feeds poll about 20 times.
    fn stays_denied(&self) -> bool {
        (0..20).all(|_| {
            std::thread::sleep(Duration::from_millis(10));
            !self.is_accepted()
        })
    }

    /// Advances the clock past the time for which an answer of a store counts.
    fn advance(&self) {
        self.clock.advance(STALENESS + Duration::from_secs(1));
    }
}

#[test]
fn a_feed_that_answers_does_not_hide_one_that_is_stale() {
    let followed = Followed::new();
    let _feeds = [followed.follow(0, StalePolicy::Deny), followed.follow(1, StalePolicy::Deny)];
    assert!(followed.becomes_accepted());
    for store in [0, 1] {
        followed.set_lost(store, true);
        followed.advance();
        assert!(followed.stays_denied(), "the store {store} is lost");
        followed.set_lost(store, false);
        assert!(followed.becomes_accepted());
    }
}

#[test]
fn a_feed_that_answers_does_not_hide_one_that_never_did() {
    for unreachable in [0, 1] {
        let followed = Followed::new();
        followed.set_lost(unreachable, true);
        let _feeds = [followed.follow(0, StalePolicy::Deny), followed.follow(1, StalePolicy::Deny)];
        assert!(followed.stays_denied());
        followed.set_lost(unreachable, false);
        assert!(followed.becomes_accepted());
    }
}

#[test]
fn a_stale_feed_that_is_dropped_no_longer_counts_beside_another() {
    for dropped in [0, 1] {
        let followed = Followed::new();
        let mut feeds = vec![followed.follow(0, StalePolicy::Deny), followed.follow(1, StalePolicy::Deny)];
        assert!(followed.becomes_accepted());
        followed.set_lost(dropped, true);
        followed.advance();
        assert!(followed.stays_denied());
        drop(feeds.remove(dropped));
        assert!(followed.becomes_accepted());
    }
}

/// Otherwise a feed that is dropped by mistake would disable the policy.
#[test]
fn without_its_last_feed_a_manager_denies_tokens_until_another_one_answers() {
    let followed = Followed::new();
    let (first, other) = (followed.follow(0, StalePolicy::Deny), followed.follow(1, StalePolicy::Deny));
    let _lenient = followed.follow(0, StalePolicy::Allow);
    assert!(followed.becomes_accepted());
    drop((first, other));
    assert!(followed.is_accepted());
    followed.advance();
    assert!(followed.stays_denied());
    let _again = followed.follow(0, StalePolicy::Deny);
    assert!(followed.becomes_accepted());
}

#[test]
fn a_stale_feed_of_the_lenient_policy_limits_no_other() {
    let followed = Followed::new();
    let _feeds = [followed.follow(0, StalePolicy::Deny), followed.follow(1, StalePolicy::Allow)];
    assert!(followed.becomes_accepted());
    followed.set_lost(1, true);
    followed.advance();
    assert!(followed.becomes_accepted());
}
