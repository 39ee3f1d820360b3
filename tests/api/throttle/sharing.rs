//! Throttles with different settings that share one store.

use std::time::Duration;

use gatevault::{LoginThrottle, MemoryAttempts};

use super::{Fixture, LOGGED_IN, WRONG, fixture, wait};

/// Returns handlers of two pools, with throttles over one store. The second forgets everything after a second.
fn sharing() -> [Fixture; 2] {
    let attempts = MemoryAttempts::new();
    let long = LoginThrottle::new(attempts.clone());
    let second = Duration::from_secs(1);
    let short = LoginThrottle::new(attempts).forget_after(second).remember_addresses(Duration::ZERO);
    [("admins", long), ("customers", short)].map(|(pool, throttle)| {
        let fixture = fixture(throttle);
        Fixture { oauth: fixture.oauth.user_pool(pool), ..fixture }
    })
}

#[test]
fn a_throttle_that_forgets_sooner_removes_no_counter_of_another_one() {
    let [admins, customers] = sharing();
    assert_eq!(admins.pauses("ada", 9), [0, 0, 0, 0, 0, 1, 2, 4, 8]);
    for fixture in [&admins, &customers] {
        fixture.advance(16 + 302);
    }
    assert_eq!((customers.guess("bob"), customers.guess("bob")), (WRONG, WRONG));
    assert_eq!(admins.guess("ada"), WRONG);
    assert_eq!(admins.guess("ada"), wait(4), "six of nine attempts are left, and this one");
}

#[test]
fn a_throttle_that_knows_no_addresses_forgets_none_of_another_one() {
    let [admins, customers] = sharing();
    assert_eq!(admins.log_in_from("192.0.2.1"), LOGGED_IN);
    admins.advance(10);
    customers.advance(10);
    assert_eq!(customers.log_in_from("192.0.2.1"), LOGGED_IN);
    admins.exhaust("ada");
    assert_eq!(admins.log_in_from("192.0.2.1"), LOGGED_IN, "a known address");
}
