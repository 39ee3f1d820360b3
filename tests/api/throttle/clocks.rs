//! Clocks that jump.

use std::time::{Duration, SystemTime};

use gatevault_tests::START;

use super::{WELCOME, WRONG, in_memory, wait, world};

fn moment(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap()
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out_for_longer_than_the_longest_pause() {
    for back_by in [1, 60, 3600, 365 * 24 * 3600, START] {
        let world = world(in_memory());
        assert_eq!(world.pauses("ada", 11).last(), Some(&30));
        let now = gatevault::Clock::now(&world.clock);
        world.clock.set(now - Duration::from_secs(back_by.min(START)));
        assert_eq!(world.guess("ada"), wait(30), "back by {back_by}");
        world.advance(29);
        assert_eq!(world.guess("ada"), wait(1), "back by {back_by}");
        world.advance(1);
        assert_eq!(world.log_in(), WELCOME, "back by {back_by}");
    }
}

#[test]
fn a_clock_that_is_set_forward_and_back_again_costs_nothing_but_what_was_counted() {
    let world = world(in_memory());
    assert_eq!(world.pauses("ada", 7), [0, 0, 0, 0, 0, 1, 2]);
    let now = gatevault::Clock::now(&world.clock);
    world.clock.set(moment(4_000_000_000));
    assert_eq!(world.guess("ada"), WRONG);
    world.clock.set(now);
    assert_eq!(world.pauses("ada", 5), [0, 0, 0, 0, 1]);
}

#[test]
fn a_clock_at_either_end_of_time_panics_nobody() {
    for clock_stands_at in [0, 253_402_300_799] {
        let world = world(in_memory());
        world.clock.set(moment(clock_stands_at));
        for _ in 0..5 {
            assert_ne!(world.guess("ada").0, 429);
        }
        world.clock.set(moment(START));
        assert_ne!(world.guess("ada").0, 200);
    }
}

#[test]
fn a_clock_that_cannot_be_believed_refuses() {
    let world = world(in_memory());
    world.clock.set(moment(253_402_300_800));
    assert_eq!(world.log_in().0, 503);
}
