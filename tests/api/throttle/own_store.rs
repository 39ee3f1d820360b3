//! An attempt store written outside the crate, from the documentation of its contract alone.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use gatevault::session::StoreFuture;
use gatevault::throttle::{
    Admission, Attempt, AttemptKey, AttemptLimit, AttemptOutcome, AttemptStore, AttemptTicket, CountedBy,
    CounterChange,
};
use gatevault::{LoginRequest, LoginThrottle};

use super::{Answer, Fixture, ada, fixture_with, in_memory, ip, limit};

#[derive(Default)]
struct OwnStore(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    counters: HashMap<AttemptKey, OwnCounter>,
    /// The known addresses of each account with their last login, the least recently used first.
    known: HashMap<AttemptKey, Vec<(AttemptKey, SystemTime)>>,
}

#[derive(Clone, Copy)]
struct OwnCounter {
    attempts: u128,
    at: SystemTime,
    is_last_refunded: bool,
}

impl OwnCounter {
    fn paused_until(self, limit: AttemptLimit) -> SystemTime {
        if self.is_last_refunded {
            return self.at;
        }
        self.at + limit.pause_after(u32::try_from(self.attempts).unwrap())
    }

    fn remaining(self, limit: AttemptLimit, forget_after: Duration, now: SystemTime) -> u128 {
        let quiet = now.duration_since(self.paused_until(limit)).unwrap_or_default();
        let left = forget_after.saturating_sub(quiet).as_nanos();
        (self.attempts * left).div_ceil(forget_after.as_nanos())
    }
}

impl Tables {
    fn is_known(&self, attempt: &Attempt) -> bool {
        let Some(origin) = attempt.origin else {
            return false;
        };
        let is_recent =
            |login: SystemTime| attempt.now.duration_since(login).unwrap_or_default() < attempt.remember_for;
        let known = self.known.get(&attempt.account).into_iter().flatten();
        known.clone().any(|(address, login)| *address == origin.address && is_recent(*login))
    }

    fn pause(&mut self, attempt: &Attempt, counted_by: CountedBy) -> Duration {
        let mut longest = Duration::ZERO;
        for (key, limit) in attempt.counters(counted_by) {
            if let Some(counter) = self.counters.get_mut(&key) {
                counter.at = counter.at.min(attempt.now);
                let pause = counter.paused_until(limit).duration_since(attempt.now).unwrap_or_default();
                longest = longest.max(pause);
            }
        }
        longest
    }

    fn begin(&mut self, attempt: &Attempt) -> Admission {
        let mut shortest = Duration::MAX;
        for counted_by in attempt.choices(self.is_known(attempt)) {
            let pause = self.pause(attempt, *counted_by);
            if pause.is_zero() {
                for (key, limit) in attempt.counters(*counted_by) {
                    let remaining = self
                        .counters
                        .get(&key)
                        .map_or(0, |counter| counter.remaining(limit, attempt.forget_after, attempt.now));
                    let counter =
                        OwnCounter { attempts: remaining + 1, at: attempt.now, is_last_refunded: false };
                    self.counters.insert(key, counter);
                }
                return Admission::Admitted(AttemptTicket::new(*counted_by, attempt.now));
            }
            shortest = shortest.min(pause);
        }
        Admission::RetryAfter(shortest)
    }

    fn record_outcome(&mut self, attempt: &Attempt, ticket: AttemptTicket, outcome: AttemptOutcome) {
        if !matches!(outcome, AttemptOutcome::Succeeded | AttemptOutcome::Undecided) {
            return;
        }
        for (key, change) in attempt.changes(ticket.counted_by, outcome) {
            let Some(counter) = self.counters.get_mut(&key) else {
                continue;
            };
            counter.attempts -= 1;
            counter.is_last_refunded |= counter.at == ticket.at;
            if change == CounterChange::Delete || counter.attempts == 0 {
                self.counters.remove(&key);
            }
        }
        if let (AttemptOutcome::Succeeded, Some(origin)) = (outcome, attempt.origin) {
            let known = self.known.entry(attempt.account).or_default();
            known.retain(|(address, _)| *address != origin.address);
            known.push((origin.address, attempt.now));
            if known.len() > 8 {
                known.remove(0);
            }
        }
    }
}

impl AttemptStore for OwnStore {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        Box::pin(async move { Ok(self.0.lock().unwrap().begin(&attempt)) })
    }

    fn record_outcome(
        &self,
        attempt: Attempt,
        ticket: AttemptTicket,
        outcome: AttemptOutcome,
    ) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.0.lock().unwrap().record_outcome(&attempt, ticket, outcome);
            Ok(())
        })
    }

    fn is_shared(&self) -> bool {
        false
    }
}

/// A sequence of numbers that look random and are the same in each run (Knuth's linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// A course of events: with a clock that is set back, or with times after which everything is forgotten.
///
/// Not with both: a store may have removed what was forgotten when the clock was set back.
#[derive(Clone, Copy)]
struct Course {
    seed: u64,
    is_set_back: bool,
}

impl Course {
    fn fixture(self, throttle: LoginThrottle) -> Fixture {
        let throttle = throttle.per_account(limit(3, 30)).newcomers(limit(6, 20)).per_address(limit(8, 60));
        let minutes = if self.is_set_back { 600 } else { 3 };
        let throttle = throttle.forget_after(Duration::from_mins(minutes));
        let throttle = throttle.remember_addresses(Duration::from_mins(3 * minutes));
        fixture_with(throttle, |name| name.replace('.', "").eq_ignore_ascii_case("ada").then(ada))
    }

    /// Makes right and wrong logins with spellings of two names from a few networks, while the database is up or down.
    fn answers(self, throttle: LoginThrottle) -> Vec<Answer> {
        const NAMES: [&str; 5] = ["ada", "ADA", "a.da", "bob", "b.ob"];
        const ADDRESSES: [&str; 6] = [
            "192.0.2.1",
            "192.0.2.2",
            "2001:db8::1",
            "2001:db8:0:1::1",
            "2001:db8:0:100::1",
            "2001:db8:1::1",
        ];
        let (fixture, mut numbers) = (self.fixture(throttle), Numbers(self.seed));
        (0..400)
            .map(|_| {
                self.pass_time(&fixture, numbers.below(12));
                fixture.is_down.store(numbers.below(10) == 0, Ordering::SeqCst);
                let password = if numbers.below(6) == 0 { "correct horse" } else { "wrong" };
                let request = LoginRequest::new(NAMES.get(numbers.below(NAMES.len())).unwrap(), password);
                match ADDRESSES.get(numbers.below(ADDRESSES.len() + 2)) {
                    Some(address) => fixture.attempt(request.from_address(ip(address))),
                    None => fixture.attempt(request),
                }
            })
            .collect()
    }

    fn pass_time(self, fixture: &Fixture, number: usize) {
        match number {
            0 if self.is_set_back => {
                let now = gatevault::Clock::now(&fixture.clock);
                fixture.clock.set(now - Duration::from_secs(40));
            }
            0 => fixture.advance(200),
            1..6 => fixture.advance(1),
            _ => fixture.clock.advance(Duration::from_millis(7)),
        }
    }
}

#[test]
fn a_store_written_from_the_contract_admits_the_same_attempts_as_the_one_in_memory() {
    let mut seen = BTreeSet::new();
    for (seed, is_set_back) in (0..10).flat_map(|seed| [(seed, true), (seed, false)]) {
        let course = Course { seed, is_set_back };
        let expected = course.answers(in_memory());
        seen.extend(expected.iter().map(|answer| answer.0));
        let own = course.answers(LoginThrottle::new(OwnStore::default()));
        let differing = own.iter().zip(&expected).position(|(own, expected)| own != expected);
        assert_eq!(differing, None, "with seed {seed}, set back {is_set_back}");
    }
    assert_eq!(seen, BTreeSet::from([200, 401, 429, 503]));
}
