//! Limits by the networks of an address.

use std::time::Duration;

use gatevault::AttemptLimit;

use super::{WRONG, fixture, in_memory, limit, wait};

/// Returns the number of guesses that are admitted of those at one account each from the networks of 64 bits in a site.
fn sprayed(count: u32, network: impl Fn(u32) -> String) -> usize {
    let fixture = fixture(in_memory());
    (0..count)
        .filter(|number| fixture.guess_from(&format!("user {number}"), &network(*number)) == WRONG)
        .count()
}

#[test]
fn a_password_sprayed_from_one_site_is_limited_by_its_networks() {
    assert_eq!(sprayed(2000, |_| "192.0.2.1".to_owned()), 20, "an IPv4 address");
    assert_eq!(sprayed(2000, |number| format!("2001:db8::{number:x}")), 20, "a /64");
    assert_eq!(sprayed(2000, |number| format!("2001:db8:0:{:x}::1", number % 256)), 80, "a /56");
    assert_eq!(sprayed(2000, |number| format!("2001:db8:0:{number:x}::1")), 320, "a /48");
    assert_eq!(sprayed(400, |number| format!("2001:db8:{number:x}::1")), 400, "a /32 is not one network");
}

#[test]
fn the_addresses_behind_nat64_are_those_inside() {
    let fixture = fixture(in_memory().per_address(limit(2, 30)));
    for address in ["64:ff9b::192.0.2.1", "192.0.2.1"] {
        assert_eq!(fixture.guess_from(address, address), WRONG);
    }
    assert_eq!(fixture.guess_from("ada", "64:ff9b::c000:201"), wait(1));
    for number in 2..100 {
        assert_eq!(fixture.guess_from(&number.to_string(), &format!("64:ff9b::192.0.2.{number}")), WRONG);
    }
}

#[test]
fn an_attempt_that_one_network_refuses_counts_in_none() {
    let fixture = fixture(in_memory().per_address(AttemptLimit::new(1, Duration::from_secs(30))));
    assert_eq!(fixture.guess_from("a", "2001:db8::1"), WRONG);
    for _ in 0..100 {
        assert_eq!(fixture.guess_from("b", "2001:db8::1"), wait(1));
    }
    for network in 1..4 {
        assert_eq!(fixture.guess_from("b", &format!("2001:db8:0:{network}::1")), WRONG);
    }
    assert_eq!(fixture.guess_from("b", "2001:db8:0:4::1"), wait(1), "the /56 has had four attempts");
    assert_eq!(fixture.guess_from("b", "2001:db8:0:100::1"), WRONG, "another /56 of the same /48");
}
