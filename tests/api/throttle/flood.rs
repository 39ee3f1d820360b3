//! Floods of names: the memory stays bounded and keeps the counters that matter.

use gatevault::{LoginThrottle, MemoryAttempts};

use super::{LOGGED_IN, WRONG, fixture, limit, wait};

#[test]
fn a_flood_of_names_neither_exceeds_the_memory_nor_evicts_a_counter_that_matters() {
    let attempts = MemoryAttempts::holding(200);
    let fixture = fixture(LoginThrottle::new(attempts.clone()));
    assert_eq!(fixture.log_in_from("192.0.2.1"), LOGGED_IN);
    let attacker = "198.51.100.7";
    for number in 0..15 {
        assert_eq!(fixture.guess_from(&format!("name {number}"), attacker), WRONG);
    }
    assert!((0..5).all(|_| fixture.guess_from("ada", attacker) == WRONG));
    assert_eq!(fixture.guess_from("ada", "198.51.100.8"), wait(1), "the victim's account");
    assert_eq!(fixture.guess_from("carol", attacker), wait(1), "the attacker's address");
    for number in 0..2000 {
        assert_eq!(
            fixture.guess_from(&format!("flood {number}"), &format!("2001:db8:0:{number:x}::")),
            WRONG
        );
        assert!(attempts.counters() <= 200);
    }
    assert_eq!(attempts.counters(), 200);
    assert_eq!(fixture.guess_from("ada", "198.51.100.8"), wait(1));
    assert_eq!(fixture.guess_from("carol", attacker), wait(1));
    assert_eq!(fixture.log_in_from("192.0.2.1"), LOGGED_IN, "a known address is not evicted");
}

#[test]
fn a_full_cache_still_counts_new_names() {
    let fixture = fixture(LoginThrottle::new(MemoryAttempts::holding(100)));
    for number in 0..100 {
        assert!((0..3).all(|_| fixture.guess(&format!("regular {number}")) == WRONG));
    }
    for number in 0..4 {
        assert_eq!(fixture.guess("ada"), WRONG);
        (0..10).for_each(|step| assert_eq!(fixture.guess(&format!("flood {number} {step}")), WRONG));
    }
    assert_eq!((fixture.guess("ada"), fixture.guess("ada")), (WRONG, wait(1)));
}

#[test]
fn quiet_counters_are_removed() {
    let attempts = MemoryAttempts::new();
    let fixture = fixture(LoginThrottle::new(attempts.clone()));
    for number in 0..300 {
        assert_eq!(fixture.guess(&format!("name {number}")), WRONG);
    }
    assert_eq!(attempts.counters(), 300);
    fixture.advance(16 * 60);
    assert_eq!(fixture.guess("ada"), WRONG);
    assert_eq!(attempts.counters(), 1);
    assert_eq!(fixture.log_in(), LOGGED_IN);
    assert_eq!(attempts.counters(), 0);
}

#[test]
fn the_smallest_cache_holds_both_counters_of_an_attempt() {
    let throttle = LoginThrottle::new(MemoryAttempts::holding(0)).per_address(limit(2, 30));
    let fixture = fixture(throttle);
    assert_eq!(fixture.guess_from("ada", "192.0.2.1"), WRONG);
    assert_eq!(fixture.guess_from("ada", "192.0.2.1"), WRONG);
    assert_eq!(fixture.guess_from("ada", "192.0.2.1"), wait(1));
}
