//! Floods of names: the memory stays bounded and keeps the counters that matter.

use gatevault::{LoginThrottle, MemoryAttempts};

use super::{LOGGED_IN, WRONG, fixture, limit, wait};

#[test]
fn a_flood_of_names_neither_exceeds_the_memory_nor_evicts_a_counter_that_matters() {
    let attempts = MemoryAttempts::holding(400);
    let fixture = fixture(LoginThrottle::new(attempts.clone()));
    assert_eq!(fixture.log_in_from("192.0.2.1"), LOGGED_IN);
    let attacker = "198.51.100.7";
    for number in 0..20 {
        assert_eq!(fixture.guess_from(&format!("name {number}"), attacker), WRONG);
    }
    assert_eq!(fixture.pauses("ada", 5), [0; 5]);
    assert_eq!(fixture.guess("ada"), wait(1), "the victim's account");
    assert_eq!(fixture.guess_from("carol", attacker), wait(1), "the attacker's address");
    for number in 0..2000 {
        // Each from a /48 of its own.
        let address = format!("2001:{number:x}:1::");
        assert_eq!(fixture.guess_from(&format!("flood {number}"), &address), WRONG);
        assert!(attempts.counters() <= 400);
    }
    assert_eq!(attempts.counters(), 400);
    assert_eq!(fixture.guess("ada"), wait(1));
    assert_eq!(fixture.guess_from("carol", attacker), wait(1));
    assert_eq!(fixture.log_in_from("192.0.2.1"), LOGGED_IN, "a known address is not evicted");
}

/// A /48 has 65,536 networks of 64 bits. If each had its free attempts, their counters would evict all others.
#[test]
fn an_attacker_with_one_ipv6_site_cannot_flush_the_counters_of_others() {
    let attempts = MemoryAttempts::holding(1000);
    let fixture = fixture(LoginThrottle::new(attempts.clone()));
    for account in ["ada", "bob"] {
        assert_eq!(fixture.pauses(account, 5), [0; 5]);
    }
    let mut admitted = 0;
    for number in 0..30_000 {
        let address = format!("2001:db8:0:{:x}::1", number / 20);
        admitted += usize::from(fixture.guess_from(&format!("flood {number}"), &address) == WRONG);
    }
    assert_eq!(admitted, 320);
    assert_eq!((fixture.guess("ada"), fixture.guess("bob")), (wait(1), wait(1)));
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
    assert_eq!(attempts.counters(), 600, "of the name and of the unknown account");
    fixture.advance(16 * 60);
    assert_eq!(fixture.guess("ada"), WRONG);
    assert_eq!(attempts.counters(), 2);
    assert_eq!(fixture.log_in(), LOGGED_IN);
    assert_eq!(attempts.counters(), 0);
}

#[test]
fn the_smallest_cache_holds_the_counters_of_an_attempt() {
    for address in ["192.0.2.1", "2001:db8::1"] {
        let throttle = LoginThrottle::new(MemoryAttempts::holding(0)).per_address(limit(2, 30));
        let fixture = fixture(throttle);
        assert_eq!(fixture.guess_from("ada", address), WRONG);
        assert_eq!(fixture.guess_from("ada", address), WRONG);
        assert_eq!(fixture.guess_from("ada", address), wait(1));
    }
}
