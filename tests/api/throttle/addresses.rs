//! By address, and at an address that an account has logged in from before.

use std::time::Duration;

use gatevault::{AttemptLimit, LoginRequest};

use super::{WELCOME, WRONG, World, in_memory, ip, limit, wait, world};

const HOME: &str = "192.0.2.1";

/// Guesses at ada from so many addresses that no one of them is slowed, as early as they may come.
fn attack(world: &World, seconds: u64) {
    for step in 0..seconds {
        let answer = world.guess_from("ada", &format!("2001:db8:{step:x}::1"));
        assert!(answer == WRONG || answer.0 == 429, "{answer:?}");
        world.advance(1);
    }
}

#[test]
fn twenty_attempts_from_an_address_are_free_whatever_the_names() {
    let world = world(in_memory());
    for number in 0..20 {
        assert_eq!(world.guess_from(&format!("user {number}"), HOME), WRONG);
    }
    assert_eq!(world.guess_from("another", HOME), wait(1));
    assert_eq!(world.guess_from("another", "192.0.2.2"), WRONG, "the refusal was not counted");
    assert_eq!(world.guess("another"), WRONG);
}

#[test]
fn the_pauses_of_an_address_grow_up_to_five_minutes() {
    let world = world(in_memory().per_address(AttemptLimit::new(1, Duration::from_mins(5))));
    let mut pauses = Vec::new();
    for number in 0..12 {
        let name = format!("user {number}");
        if let (429, seconds) = world.guess_from(&name, HOME) {
            pauses.push(seconds);
            world.advance(seconds);
            assert_eq!(world.guess_from(&name, HOME), WRONG);
        }
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
}

#[test]
fn an_ipv6_network_is_one_address_and_a_mapped_address_is_ipv4() {
    let world = world(in_memory().per_address(limit(2, 30)));
    assert_eq!(world.guess_from("a", "2001:db8:1:2::1"), WRONG);
    assert_eq!(world.guess_from("b", "2001:db8:1:2:ffff::1"), WRONG);
    assert_eq!(world.guess_from("c", "2001:db8:1:2:3:4:5:6"), wait(1));
    assert_eq!(world.guess_from("c", "2001:db8:1:3::1"), WRONG);
    assert_eq!(world.guess_from("d", "192.0.2.1"), WRONG);
    assert_eq!(world.guess_from("e", "::ffff:192.0.2.1"), WRONG);
    assert_eq!(world.guess_from("f", "::ffff:192.0.2.1"), wait(1));
}

#[test]
fn a_login_gives_its_address_one_attempt_back_and_no_more() {
    let world = world(in_memory());
    for number in 0..19 {
        assert_eq!(world.guess_from(&format!("user {number}"), HOME), WRONG);
    }
    assert!((0..100).all(|_| world.log_in_from(HOME) == WELCOME), "those who belong there cost nothing");
    assert_eq!(world.guess_from("user 19", HOME), WRONG);
    assert_eq!(world.log_in_from(HOME), wait(1), "a login of his own does not help who guesses at others");
}

#[test]
fn an_attack_from_elsewhere_does_not_slow_the_owner_down_at_home() {
    let world = world(in_memory());
    assert_eq!(world.log_in_from(HOME), WELCOME);
    attack(&world, 120);
    assert_eq!(world.guess_from("ada", "198.51.100.1").0, 429);
    assert_eq!(world.log_in_from("198.51.100.1").0, 429, "from a new address it is like everybody else's");
    assert_eq!(world.guess_from("ada", HOME), WRONG, "a mistake of the owner's");
    assert_eq!(world.log_in_from(HOME), WELCOME);
    assert_eq!(world.guess_from("ada", "198.51.100.1").0, 429, "which changes nothing for the attacker");
}

#[test]
fn at_home_attempts_are_counted_too() {
    let world = world(in_memory());
    assert_eq!(world.log_in_from(HOME), WELCOME);
    assert!((0..5).all(|_| world.guess_from("ada", HOME) == WRONG));
    assert_eq!(world.guess_from("ada", HOME), wait(1));
    assert_eq!(world.guess_from("ada", "198.51.100.1"), WRONG, "and slow nobody down elsewhere");
}

#[test]
fn an_address_is_home_to_the_account_that_has_logged_in_there_and_to_no_other() {
    let world = world(in_memory());
    assert_eq!(world.log_in_from(HOME), WELCOME);
    assert!((0..5).all(|step| world.guess_from("bob", &format!("198.51.100.{step}")) == WRONG));
    assert_eq!(world.guess_from("bob", HOME), wait(1));
}

#[test]
fn a_home_is_forgotten_after_thirty_days_and_not_before() {
    for (days, expected) in [(29, WELCOME), (30, wait(1))] {
        let world = world(in_memory());
        assert_eq!(world.log_in_from(HOME), WELCOME);
        world.advance(days * 24 * 60 * 60);
        assert_eq!(world.pauses("ada", 5), [0; 5]);
        assert_eq!(world.log_in_from(HOME), expected, "after {days} days");
    }
}

#[test]
fn with_nothing_to_remember_no_address_is_home() {
    let world = world(in_memory().remember_addresses(Duration::ZERO));
    assert_eq!(world.log_in_from(HOME), WELCOME);
    assert_eq!(world.pauses("ada", 5), [0; 5]);
    assert_eq!(world.log_in_from(HOME), wait(1));
}

#[test]
fn an_account_has_eight_homes_and_the_one_not_used_for_longest_goes() {
    let world = world(in_memory());
    let addresses: Vec<_> = (0..9).map(|number| format!("192.0.2.{number}")).collect();
    for address in &addresses {
        assert_eq!(world.log_in_from(address), WELCOME);
        world.advance(60);
    }
    assert_eq!(world.pauses("ada", 5), [0; 5]);
    let answers: Vec<_> = addresses.iter().map(|address| world.log_in_from(address)).collect();
    assert_eq!(answers, [&[wait(1)][..], &[WELCOME; 8]].concat());
}

#[test]
fn without_an_address_only_the_account_is_counted() {
    let world = world(in_memory());
    for number in 0..100 {
        assert_eq!(world.guess(&format!("user {number}")), WRONG);
    }
    let request = LoginRequest::new("ada", "correct horse").from_address(ip(HOME));
    assert_eq!(world.try_with(request), WELCOME);
}
