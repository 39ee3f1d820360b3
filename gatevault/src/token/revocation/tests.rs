//! The revocation list under sweeps, jumps of the clock and several threads.

#![expect(clippy::arithmetic_side_effects, reason = "a slip here fails a test, as it should")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::{Revocations, Revoked, TokenAge};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::token::TokenManager;

const START: u64 = 1_800_000_000;
const LONGEST: u64 = 900;
/// The clock difference for which an entry is kept longer.
const SKEW: u64 = 60;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds).unwrap()
}

/// Returns the next pseudorandom number (Marsaglia's xorshift64).
fn random(state: &mut u64, limit: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % limit
}

fn add_token(list: &Revocations, id: &str, until: u64, now: Option<u64>) {
    list.add(&Revoked::Token { issuer: None, id, until: at(until) }, now.map(at));
}

fn add_session(list: &Revocations, id: &str, now: Option<u64>) {
    list.add(&Revoked::SharedSession { id }, now.map(at));
}

fn add_user(list: &Revocations, id: u64, made_until: u64, now: Option<u64>) {
    let id = UserId::from(id);
    list.add(&Revoked::User { issuer: None, pool: None, id: &id, made_until: at(made_until) }, now.map(at));
}

fn contains_user(list: &Revocations, id: u64, issued_at: u64) -> bool {
    let age = TokenAge {
        issued_at: Some(at(issued_at)),
        claims_since: None,
        is_access: true,
        skew: Duration::ZERO,
    };
    list.contains_user(None, None, &UserId::from(id), age)
}

/// The last second in which each entry is needed. For users: the latest time of the revoked tokens.
#[derive(Default)]
struct Model {
    tokens: HashMap<u64, u64>,
    sessions: HashMap<u64, u64>,
    users: HashMap<u64, u64>,
}

impl Model {
    fn needed(&self, now: u64) -> usize {
        let is_needed = |until: &&u64| now <= **until;
        let users = self.users.values().filter(|made| now <= **made + LONGEST + SKEW).count();
        self.tokens.values().filter(is_needed).count()
            + self.sessions.values().filter(is_needed).count()
            + users
    }

    fn check(&self, list: &Revocations, now: u64) {
        for (id, until) in &self.tokens {
            assert!(now > *until || list.contains_token(&id.to_string()), "token {id}");
        }
        for (id, until) in &self.sessions {
            assert!(now > *until || list.contains_shared_session(&id.to_string()), "session {id}");
        }
        for (id, made) in &self.users {
            if now <= *made + LONGEST + SKEW {
                assert!(
                    contains_user(list, *id, *made) && contains_user(list, *id, *made - 500),
                    "user {id}"
                );
            }
        }
    }
}

#[test]
fn no_entry_leaves_before_its_time_and_all_leave_after_it() {
    for seed in 1..=10_u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let list = Revocations::new(Duration::from_secs(LONGEST));
        let (mut model, mut now) = (Model::default(), START);
        let raise = |times: &mut HashMap<u64, u64>, id, until: u64| {
            let entry = times.entry(id).or_default();
            *entry = until.max(*entry);
        };
        for step in 0..20_000_u64 {
            now += u64::from(random(&mut state, 10) == 0);
            let id = random(&mut state, 5000);
            match random(&mut state, 4) {
                0 => {
                    let until = now + random(&mut state, LONGEST * 3);
                    add_token(&list, &id.to_string(), until, Some(now));
                    raise(&mut model.tokens, id, until);
                }
                1 => {
                    add_session(&list, &id.to_string(), Some(now));
                    raise(&mut model.sessions, id, now + LONGEST + SKEW);
                }
                2 => {
                    let made = now - random(&mut state, LONGEST) + random(&mut state, SKEW);
                    add_user(&list, id, made, Some(now));
                    raise(&mut model.users, id, made);
                }
                _ => list.remove_expired(at(now)),
            }
            if step % 500 == 0 {
                model.check(&list, now);
            }
        }
        model.check(&list, now);
        for _ in 0..5 {
            now += LONGEST;
            (0..1000).for_each(|_| list.remove_expired(at(now)));
            model.check(&list, now);
            assert_eq!(list.len(), model.needed(now));
        }
        assert_eq!(list.len(), 0);
    }
}

#[test]
fn one_call_removes_all_entries_that_are_no_longer_needed() {
    let list = Revocations::new(Duration::from_secs(LONGEST));
    for number in 0..100_000 {
        add_session(&list, &number.to_string(), Some(START));
    }
    add_session(&list, "late", Some(START + 3 * LONGEST));
    list.remove_expired(at(START + 3 * LONGEST));
    assert_eq!(list.len(), 1);
    assert!(list.contains_shared_session("late"));
}

#[test]
fn an_entry_that_was_added_without_a_clock_stays() {
    let list = Revocations::new(Duration::from_secs(LONGEST));
    add_session(&list, "a", None);
    add_token(&list, "b", START + 10, None);
    for now in [START, 0, START * 2, START + 5] {
        for _ in 0..300 {
            list.remove_expired(at(now));
        }
    }
    assert!(list.contains_shared_session("a"));
    assert!(!list.contains_token("b"), "its own time has passed");
}

#[test]
fn the_shortest_and_the_longest_lifetimes_neither_overflow_nor_lose_an_entry() {
    for longest in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
        let list = Revocations::new(longest);
        for number in 0..5000 {
            add_session(&list, &number.to_string(), Some(START + number / 100));
            add_user(&list, number, START, Some(START));
        }
        assert_eq!(list.len(), 10_000);
        assert!((0..5000).all(|number| list.contains_shared_session(&number.to_string())));
        for second in 0..100 {
            (0..100).for_each(|_| list.remove_expired(at(START + 200 + second)));
        }
        assert_eq!(list.len(), if longest == Duration::MAX { 10_000 } else { 0 });
    }
}

#[test]
fn the_list_is_trusted_up_to_the_last_second_of_its_feed() {
    let tokens = TokenManager::new([7; 32]).unwrap();
    let limit = tokens.limit_trust();
    limit.extend_to(at(START));
    assert!(tokens.revocations().validate_trust(at(START)).is_ok());
    assert!(tokens.revocations().validate_trust(at(START + 1)).is_err());
}

#[test]
fn a_feed_asks_back_for_at_least_the_lifetime_of_a_refresh_token() {
    let tokens = TokenManager::new([7; 32]).unwrap();
    assert!(tokens.longest_lifetime() >= tokens.refresh_expiry());
}

#[test]
fn threads_that_add_check_and_sweep_at_jumping_times_lose_no_entry() {
    let list = Arc::new(Revocations::new(Duration::from_secs(LONGEST)));
    let is_done = Arc::new(AtomicBool::new(false));
    let added: Arc<[AtomicU64; 2]> = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let sweeping = thread::spawn({
        let (list, is_done) = (Arc::clone(&list), Arc::clone(&is_done));
        move || {
            let mut state = 7;
            while !is_done.load(Ordering::Relaxed) {
                // Within the time for which an entry is kept, in either direction.
                list.remove_expired(at(START + random(&mut state, LONGEST) - LONGEST / 3));
            }
        }
    });
    let guarding = thread::spawn({
        let (list, is_done, added) = (Arc::clone(&list), Arc::clone(&is_done), Arc::clone(&added));
        move || {
            let mut state = 11;
            while !is_done.load(Ordering::Relaxed) {
                for (thread, added) in added.iter().enumerate() {
                    let count = added.load(Ordering::Acquire);
                    if count > 0 {
                        let number = if count % 2 == 0 { count - 1 } else { random(&mut state, count) };
                        let id = format!("{thread} {number}");
                        assert!(list.contains_shared_session(&id), "{id}");
                    }
                }
            }
        }
    });
    let adding = [0, 1].map(|thread| {
        let (list, added) = (Arc::clone(&list), Arc::clone(&added));
        thread::spawn(move || {
            for number in 0..50_000 {
                add_session(&list, &format!("{thread} {number}"), Some(START));
                added[thread].store(number + 1, Ordering::Release);
                // Entries that leave at once, so that segments are replaced.
                add_token(&list, &format!("old {thread} {number}"), START - LONGEST * 2, Some(START));
            }
        })
    });
    for thread in adding {
        thread.join().unwrap();
    }
    is_done.store(true, Ordering::Relaxed);
    sweeping.join().unwrap();
    guarding.join().unwrap();
    assert!((0..50_000).all(|number| list.contains_shared_session(&format!("0 {number}"))));
    assert!((0..50_000).all(|number| list.contains_shared_session(&format!("1 {number}"))));
}
