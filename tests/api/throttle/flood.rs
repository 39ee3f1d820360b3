//! Floods of names: the memory stays bounded, and what matters stays in it.

use gatevault::{LoginThrottle, MemoryAttempts};

use super::{WELCOME, WRONG, limit, wait, world};

#[test]
fn a_flood_of_names_neither_fills_the_memory_nor_clears_a_counter_that_matters() {
    let attempts = MemoryAttempts::holding(200);
    let world = world(LoginThrottle::new(attempts.clone()));
    assert_eq!(world.log_in_from("192.0.2.1"), WELCOME);
    let attacker = "198.51.100.7";
    for number in 0..15 {
        assert_eq!(world.guess_from(&format!("name {number}"), attacker), WRONG);
    }
    assert!((0..5).all(|_| world.guess_from("ada", attacker) == WRONG));
    assert_eq!(world.guess_from("ada", "198.51.100.8"), wait(1), "the victim's account");
    assert_eq!(world.guess_from("someone", attacker), wait(1), "the attacker's address");
    for number in 0..2000 {
        assert_eq!(world.guess_from(&format!("flood {number}"), &format!("2001:db8:0:{number:x}::")), WRONG);
        assert!(attempts.counters() <= 200);
    }
    assert_eq!(attempts.counters(), 200);
    assert_eq!(world.guess_from("ada", "198.51.100.8"), wait(1));
    assert_eq!(world.guess_from("someone", attacker), wait(1));
    assert_eq!(world.log_in_from("192.0.2.1"), WELCOME, "nor does it make a home forgotten");
}

#[test]
fn a_full_memory_still_counts_names_that_are_new_to_it() {
    let world = world(LoginThrottle::new(MemoryAttempts::holding(100)));
    for number in 0..100 {
        assert!((0..3).all(|_| world.guess(&format!("regular {number}")) == WRONG));
    }
    for number in 0..4 {
        assert_eq!(world.guess("ada"), WRONG);
        (0..10).for_each(|step| assert_eq!(world.guess(&format!("flood {number} {step}")), WRONG));
    }
    assert_eq!((world.guess("ada"), world.guess("ada")), (WRONG, wait(1)));
}

#[test]
fn what_is_quiet_is_forgotten_by_itself() {
    let attempts = MemoryAttempts::new();
    let world = world(LoginThrottle::new(attempts.clone()));
    for number in 0..300 {
        assert_eq!(world.guess(&format!("name {number}")), WRONG);
    }
    assert_eq!(attempts.counters(), 300);
    world.advance(16 * 60);
    assert_eq!(world.guess("ada"), WRONG);
    assert_eq!(attempts.counters(), 1);
    assert_eq!(world.log_in(), WELCOME);
    assert_eq!(attempts.counters(), 0);
}

#[test]
fn the_smallest_memory_holds_both_counters_of_an_attempt() {
    let throttle = LoginThrottle::new(MemoryAttempts::holding(0)).per_address(limit(2, 30));
    let world = world(throttle);
    assert_eq!(world.guess_from("ada", "192.0.2.1"), WRONG);
    assert_eq!(world.guess_from("ada", "192.0.2.1"), WRONG);
    assert_eq!(world.guess_from("ada", "192.0.2.1"), wait(1));
}
