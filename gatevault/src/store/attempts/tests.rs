//! The number of entries that each operation visits, and the entries that it leaves.

#![expect(clippy::arithmetic_side_effects, reason = "a slip here fails a test, as it should")]

use std::time::Duration;

use super::counter_cache::CounterCache;
use super::known_addresses::KnownAddresses;
use crate::store::segmented_map::{SEGMENT_LEN, visited};
use crate::throttle::{AttemptKey, AttemptLimit, Counter};

const CAPACITY: u64 = 100_000;
const FORGET_AFTER: u64 = 900_000;
const PAUSE: u64 = 30_000;
const START: u64 = 1_800_000_000_000;

/// The most counters that one attempt may visit.
const MOST_VISITED: usize = SEGMENT_LEN * 16;

fn key(number: u64) -> AttemptKey {
    AttemptKey::of_number(number)
}

/// Counts an attempt, as a store does.
fn count(cache: &mut CounterCache, number: u64, now: u64) -> u32 {
    let limit = AttemptLimit::new(5, Duration::from_millis(PAUSE));
    cache.sweep(FORGET_AFTER, PAUSE, now);
    let counter = cache.get(key(number));
    let counter =
        counter.map_or(Counter::first(now), |counter| counter.with_attempt(limit, FORGET_AFTER, now));
    cache.put(key(number), Some(counter));
    counter.attempts
}

/// Counts an attempt, and checks that it visited a bounded number of counters.
fn count_bounded(cache: &mut CounterCache, number: u64, now: u64) -> u32 {
    let before = visited();
    let attempts = count(cache, number, now);
    let count = visited() - before;
    assert!(count <= MOST_VISITED, "{count} counters visited");
    attempts
}

fn filled() -> CounterCache {
    let mut cache = CounterCache::new(CAPACITY.try_into().unwrap());
    for number in 0..CAPACITY {
        assert_eq!(count_bounded(&mut cache, number, START + number), 1);
    }
    assert_eq!(u64::try_from(cache.len()).unwrap(), CAPACITY);
    cache
}

#[test]
fn an_attempt_visits_only_a_few_segments_of_a_hundred_thousand_counters() {
    let mut cache = filled();
    for number in 0..CAPACITY {
        count_bounded(&mut cache, CAPACITY + number, START + CAPACITY + number);
    }
    assert_eq!(u64::try_from(cache.len()).unwrap(), CAPACITY);
}

#[test]
fn a_round_of_the_sweep_ends_within_the_quiet_time() {
    let mut cache = filled();
    let expired = START + CAPACITY + FORGET_AFTER + PAUSE;
    let step = 500;
    for number in 0..FORGET_AFTER / step {
        count_bounded(&mut cache, number % 7, expired + number * step);
    }
    assert_eq!(cache.len(), 7);
}

#[test]
fn a_few_attempts_after_a_quiet_time_remove_all_expired_counters() {
    let mut cache = filled();
    let expired = START + CAPACITY + FORGET_AFTER + PAUSE;
    for number in 0..=CAPACITY / u64::try_from(SEGMENT_LEN).unwrap() / 4 {
        count_bounded(&mut cache, 0, expired + number);
    }
    assert_eq!(cache.len(), 1);
}

#[test]
fn a_clock_that_was_set_back_does_not_stop_the_sweep() {
    let mut cache = CounterCache::new(CAPACITY.try_into().unwrap());
    for number in 0..1000 {
        count(&mut cache, number, START);
    }
    let back = START / 2;
    for number in 1000..2000 {
        count(&mut cache, number, back);
    }
    for number in 0..10 {
        count(&mut cache, 5000, back + FORGET_AFTER + PAUSE + number);
    }
    // Counters of the time before stay until the clock has reached it again.
    assert_eq!(cache.len(), 1001);
}

#[test]
fn an_expired_counter_counts_for_nothing_before_a_sweep_has_removed_it() {
    let mut cache = filled();
    for _ in 0..10 {
        count(&mut cache, 99_999, START + CAPACITY);
    }
    let limit = AttemptLimit::new(5, Duration::from_millis(PAUSE));
    let counter = cache.get(key(99_999)).unwrap();
    let expired = START + CAPACITY + FORGET_AFTER + PAUSE;
    assert!(counter.attempts > 5 && !counter.is_expired(FORGET_AFTER, PAUSE, expired - 1));
    assert!(counter.is_expired(FORGET_AFTER, PAUSE, expired));
    assert_eq!(counter.pause(limit, expired), Duration::ZERO);
    assert_eq!(counter.with_attempt(limit, FORGET_AFTER, expired), Counter::first(expired));
    assert_eq!(count_bounded(&mut cache, 99_999, expired), 1);
}

#[test]
fn a_login_removes_a_few_forgotten_accounts_and_none_that_is_remembered() {
    let mut known = KnownAddresses::new(10_000);
    for number in 0..10_000 {
        known.record_login(key(number), key(number + 1_000_000), 1000, START);
    }
    assert_eq!(known.accounts.len(), 10_000);
    let mut before = 10_000;
    for login in 0..1000 {
        let before_login = visited();
        known.record_login(key(50_000), key(60_000), 1000, START + 1000 + login);
        assert!(visited() - before_login <= MOST_VISITED);
        assert!(before - known.accounts.len() <= 16);
        before = known.accounts.len();
        assert!(!known.contains(key(9999), key(1_009_999), 1000, START + 1000), "forgotten, removed or not");
        assert!(known.contains(key(50_000), key(60_000), 1000, START + 1000 + login));
    }
    assert_eq!(known.accounts.len(), 1);
}

#[test]
fn the_accounts_with_the_latest_logins_stay_within_the_capacity() {
    let mut known = KnownAddresses::new(1000);
    for number in 0..5000 {
        known.record_login(key(number), key(number + 1_000_000), 1_000_000, START + number);
        assert!(known.accounts.len() <= 1000);
    }
    let is_known = |number| known.contains(key(number), key(number + 1_000_000), 1_000_000, START + 5000);
    assert!((4000..5000).all(is_known) && !(0..4000).any(is_known));
}

/// Returns the next pseudorandom number (Marsaglia's xorshift64).
fn random(state: &mut u64, limit: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % limit
}

#[test]
fn sweeps_change_no_pause_though_throttles_with_different_times_share_the_counters() {
    for seed in 1..=20_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut cache = CounterCache::new(100_000);
        let mut kept = std::collections::HashMap::<u64, Counter>::new();
        let (mut now, mut swept) = (START, 0);
        for _ in 0..20_000 {
            now += match random(&mut state, 200) {
                0 => random(&mut state, 2 * FORGET_AFTER),
                _ => random(&mut state, 2000),
            };
            let (limit, forget_after) = match random(&mut state, 3) {
                0 => (AttemptLimit::new(2, Duration::from_millis(PAUSE * 100)), FORGET_AFTER / 50),
                1 => (AttemptLimit::new(5, Duration::from_millis(PAUSE)), FORGET_AFTER),
                _ => (AttemptLimit::new(1, Duration::from_secs(1)), 0),
            };
            let number = random(&mut state, 2000) * random(&mut state, 2);
            let before = cache.len();
            cache.sweep(forget_after, u64::try_from(limit.longest_pause().as_millis()).unwrap(), now);
            swept += before - cache.len();
            let (counter, unswept) = (cache.get(key(number)), kept.get(&number).copied());
            let pause =
                |counter: Option<Counter>| counter.map_or(Duration::ZERO, |one| one.pause(limit, now));
            assert_eq!(pause(counter), pause(unswept));
            if pause(counter).is_zero() {
                let add = |counter: Option<Counter>| {
                    counter.map_or(Counter::first(now), |one| one.with_attempt(limit, forget_after, now))
                };
                assert_eq!(add(counter), add(unswept));
                cache.put(key(number), Some(add(counter)));
                kept.insert(number, add(unswept));
            }
        }
        assert!(swept > 1000, "{swept}");
    }
}

#[test]
fn a_small_cache_keeps_its_indexes_and_its_capacity_under_any_order_of_uses() {
    for seed in 1..=20_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut cache = CounterCache::new(20);
        let mut now = START;
        for _ in 0..5000 {
            now = match random(&mut state, 50) {
                0 => now + random(&mut state, 2 * FORGET_AFTER),
                1 => now - random(&mut state, FORGET_AFTER),
                _ => now + random(&mut state, 2000),
            };
            let number = random(&mut state, 60);
            if random(&mut state, 5) == 0 {
                cache.put(key(number), None);
            } else {
                count(&mut cache, number, now);
                assert!(cache.get(key(number)).is_some(), "the last use is never evicted");
            }
            assert!(cache.len() <= 20);
            cache.assert_consistent();
        }
    }
}
