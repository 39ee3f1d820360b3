//! The throughput that a second thread adds.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::Answer;
use crate::hs256::copied;
use crate::sample;

/// Measures the throughput of guarded calls on two threads, divided by the throughput on one.
///
/// It takes the best round of each, in which nothing else used the processor.
///
/// # Errors
///
/// Returns an error if the token cannot be created or is denied.
pub fn two_threads_over_one(rounds: u32) -> Answer<f64> {
    let token = sample::token(&sample::numbers())?;
    copied(token)?;
    let (mut alone, mut together) = (Duration::MAX, Duration::MAX);
    for _ in 0..rounds {
        alone = alone.min(time(1, token));
        together = together.min(time(2, token));
    }
    Ok(2.0 * alone.as_secs_f64() / together.as_secs_f64())
}

/// Measures the time of the slowest of `threads` threads, which make the same number of calls each.
fn time(threads: usize, token: &str) -> Duration {
    let start_line = Barrier::new(threads);
    let run = || {
        start_line.wait();
        let start = Instant::now();
        for _ in 0..CALLS {
            drop(black_box(copied(token)));
        }
        start.elapsed()
    };
    thread::scope(|scope| {
        let runners: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        // A thread that panicked counts as infinitely slow.
        let times = runners.into_iter().map(|runner| runner.join().unwrap_or(Duration::MAX));
        times.max().unwrap_or_default()
    })
}

const CALLS: u32 = 10_000;
