//! Limits by address, and known addresses of an account.

use std::time::Duration;

use gatevault::{AttemptLimit, LoginRequest};

use super::{Fixture, LOGGED_IN, WRONG, fixture, in_memory, ip, limit, wait};

const HOME: &str = "192.0.2.1";

/// Guesses the password of ada once a second, each time from another network, so that no network is throttled.
fn attack(fixture: &Fixture, seconds: u64) {
    for step in 0..seconds {
        let answer = fixture.guess_from("ada", &format!("2001:db8:{step:x}::1"));
        assert!(answer == WRONG || answer.0 == 429, "{answer:?}");
        fixture.advance(1);
    }
}

#[test]
fn twenty_attempts_from_an_address_are_free_for_any_names() {
    let fixture = fixture(in_memory());
    for number in 0..20 {
        assert_eq!(fixture.guess_from(&format!("user {number}"), HOME), WRONG);
    }
    assert_eq!(fixture.guess_from("another", HOME), wait(1));
    assert_eq!(fixture.guess_from("another", "192.0.2.2"), WRONG, "the denied attempt was not counted");
    assert_eq!(fixture.guess("another"), WRONG);
}

#[test]
fn the_pauses_of_an_address_grow_up_to_five_minutes() {
    let fixture = fixture(in_memory().per_address(AttemptLimit::new(1, Duration::from_mins(5))));
    let mut pauses = Vec::new();
    for number in 0..12 {
        let name = format!("user {number}");
        if let (429, seconds) = fixture.guess_from(&name, HOME) {
            pauses.push(seconds);
            fixture.advance(seconds);
            assert_eq!(fixture.guess_from(&name, HOME), WRONG);
        }
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
}

#[test]
fn an_ipv6_network_is_one_address_and_a_mapped_address_is_ipv4() {
    let fixture = fixture(in_memory().per_address(limit(2, 30)));
    assert_eq!(fixture.guess_from("a", "2001:db8:1:2::1"), WRONG);
    assert_eq!(fixture.guess_from("b", "2001:db8:1:2:ffff::1"), WRONG);
    assert_eq!(fixture.guess_from("c", "2001:db8:1:2:3:4:5:6"), wait(1));
    assert_eq!(fixture.guess_from("c", "2001:db8:1:3::1"), WRONG);
    assert_eq!(fixture.guess_from("d", "192.0.2.1"), WRONG);
    assert_eq!(fixture.guess_from("e", "::ffff:192.0.2.1"), WRONG);
    assert_eq!(fixture.guess_from("f", "::ffff:192.0.2.1"), wait(1));
}

#[test]
fn a_login_refunds_one_attempt_to_its_address_and_no_more() {
    let fixture = fixture(in_memory());
    for number in 0..19 {
        assert_eq!(fixture.guess_from(&format!("user {number}"), HOME), WRONG);
    }
    assert!((0..100).all(|_| fixture.log_in_from(HOME) == LOGGED_IN), "successful logins cost nothing");
    assert_eq!(fixture.guess_from("user 19", HOME), WRONG);
    assert_eq!(
        fixture.log_in_from(HOME),
        wait(1),
        "an attacker's own login does not refund guesses at other accounts"
    );
}

#[test]
fn an_attack_from_elsewhere_does_not_slow_the_owner_down_at_home() {
    let fixture = fixture(in_memory());
    assert_eq!(fixture.log_in_from(HOME), LOGGED_IN);
    attack(&fixture, 120);
    assert_eq!(fixture.guess_from("ada", "198.51.100.1").0, 429);
    assert_eq!(fixture.log_in_from("198.51.100.1").0, 429, "a new address of the owner is like any other");
    assert_eq!(fixture.guess_from("ada", HOME), WRONG, "a typing error of the owner");
    assert_eq!(fixture.log_in_from(HOME), LOGGED_IN);
    assert_eq!(
        fixture.guess_from("ada", "198.51.100.1").0,
        429,
        "the owner's login does not help the attacker"
    );
}

#[test]
fn attempts_at_a_known_address_are_counted_too() {
    let fixture = fixture(in_memory());
    assert_eq!(fixture.log_in_from(HOME), LOGGED_IN);
    assert!((0..5).all(|_| fixture.guess_from("ada", HOME) == WRONG));
    assert_eq!(fixture.guess_from("ada", HOME), wait(1));
    assert_eq!(
        fixture.guess_from("ada", "198.51.100.1"),
        WRONG,
        "attempts at home do not throttle other addresses"
    );
}

#[test]
fn an_address_is_known_only_for_the_account_that_has_logged_in_there() {
    let fixture = fixture(in_memory());
    assert_eq!(fixture.log_in_from(HOME), LOGGED_IN);
    fixture.exhaust("bob");
    assert_eq!(fixture.guess_from("bob", HOME), wait(1));
}

#[test]
fn a_known_address_is_forgotten_after_thirty_days_and_not_before() {
    for (days, expected) in [(29, LOGGED_IN), (30, wait(1))] {
        let fixture = fixture(in_memory());
        assert_eq!(fixture.log_in_from(HOME), LOGGED_IN);
        fixture.advance(days * 24 * 60 * 60);
        fixture.exhaust("ada");
        assert_eq!(fixture.log_in_from(HOME), expected, "after {days} days");
    }
}

#[test]
fn with_zero_time_to_remember_no_address_becomes_known() {
    let fixture = fixture(in_memory().remember_addresses(Duration::ZERO));
    assert_eq!(fixture.log_in_from(HOME), LOGGED_IN);
    fixture.exhaust("ada");
    assert_eq!(fixture.log_in_from(HOME), wait(1));
}

#[test]
fn an_account_has_eight_known_addresses_and_the_least_recently_used_is_evicted() {
    let fixture = fixture(in_memory());
    let addresses: Vec<_> = (0..9).map(|number| format!("192.0.2.{number}")).collect();
    for address in &addresses {
        assert_eq!(fixture.log_in_from(address), LOGGED_IN);
        fixture.advance(60);
    }
    fixture.exhaust("ada");
    let answers: Vec<_> = addresses.iter().map(|address| fixture.log_in_from(address)).collect();
    assert_eq!(answers, [&[wait(1)][..], &[LOGGED_IN; 8]].concat());
}

#[test]
fn without_an_address_only_the_account_is_counted() {
    let fixture = fixture(in_memory());
    for number in 0..100 {
        assert_eq!(fixture.guess(&format!("user {number}")), WRONG);
    }
    let request = LoginRequest::new("ada", "correct horse").from_address(ip(HOME));
    assert_eq!(fixture.attempt(request), LOGGED_IN);
}
