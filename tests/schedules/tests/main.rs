//! What must hold under every schedule of threads: the list of revocations, the futures that wait for one, the store in memory, and
//! the feed between them.
//!
//! `GATEVAULT_SCHEDULES` is another number of schedules for each test and each way to choose them.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

mod feed;
mod fixture;
mod memory;
mod revocations;
mod waiters;

use std::env;

/// Runs a test under random schedules, and under those that change threads at a few places only, which finds what needs a long pause
/// of one thread (probabilistic concurrency testing).
fn under_every_schedule(name: &str, schedules: usize, test: impl Fn() + Clone + Send + Sync + 'static) {
    let schedules = env::var("GATEVAULT_SCHEDULES").map_or(schedules, |number| number.parse().unwrap());
    shuttle::check_random(test.clone(), schedules);
    shuttle::check_pct(test, schedules, CHANGES);
    println!("{name}: {schedules} random schedules, and {schedules} with {CHANGES} changes of the thread");
}

/// Makes a test of each function, with its number of schedules.
macro_rules! schedules {
    ($($test:ident: $schedules:literal;)+) => {
        mod scheduled {
            $(#[test]
            fn $test() {
                crate::under_every_schedule(stringify!($test), $schedules, super::$test);
            })+
        }
    };
}
use schedules;

/// The number of places at which the priorities of threads change.
const CHANGES: usize = 3;
