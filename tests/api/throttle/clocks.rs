//! Clocks that jump.

use std::time::{Duration, SystemTime};

use gatevault_tests::START;

use super::{LOGGED_IN, WRONG, fixture, in_memory, wait};

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap()
}

#[test]
fn a_clock_that_is_set_back_locks_no_user_out_for_longer_than_the_longest_pauses_of_name_and_account() {
    for back_by in [1, 60, 3600, 365 * 24 * 3600, START] {
        let fixture = fixture(in_memory());
        assert_eq!(fixture.pauses("ada", 11).last(), Some(&30));
        let now = gatevault::Clock::now(&fixture.clock);
        fixture.clock.set(now - Duration::from_secs(back_by.min(START)));
        assert_eq!(fixture.guess("ada"), wait(30), "back by {back_by}");
        fixture.advance(29);
        assert_eq!(fixture.guess("ada"), wait(1), "back by {back_by}");
        fixture.advance(1);
        // The account's own counter is reached only now. Its pause began at the latest when the clock was set back.
        let (status, left) = fixture.log_in();
        assert!(status == 200 || left <= 30, "back by {back_by}: {left}");
        fixture.advance(left);
        assert_eq!(fixture.log_in(), LOGGED_IN, "back by {back_by}");
    }
}

#[test]
fn a_clock_that_is_set_forward_and_back_again_costs_only_the_counted_attempts() {
    let fixture = fixture(in_memory());
    assert_eq!(fixture.pauses("ada", 7), [0, 0, 0, 0, 0, 1, 2]);
    let now = gatevault::Clock::now(&fixture.clock);
    fixture.clock.set(at(4_000_000_000));
    assert_eq!(fixture.guess("ada"), WRONG);
    fixture.clock.set(now);
    assert_eq!(fixture.pauses("ada", 5), [0, 0, 0, 0, 1]);
}

#[test]
fn a_clock_at_either_end_of_time_causes_no_panic() {
    for time in [0, 253_402_300_799] {
        let fixture = fixture(in_memory());
        fixture.clock.set(at(time));
        for _ in 0..5 {
            assert_ne!(fixture.guess("ada").0, 429);
        }
        fixture.clock.set(at(START));
        assert_ne!(fixture.guess("ada").0, 200);
    }
}

#[test]
fn a_login_under_an_implausible_clock_is_unavailable() {
    let fixture = fixture(in_memory());
    fixture.clock.set(at(253_402_300_800));
    assert_eq!(fixture.log_in().0, 503);
}
