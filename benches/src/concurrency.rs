//! What a second thread adds.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use crate::Answer;
use crate::hs256::copied;
use crate::sample;

/// The throughput of guarded calls by two threads over that by one, where nothing else wanted the processor: the best
/// round of each.
///
/// # Errors
///
/// A token that cannot be made or does not open the guard.
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

/// How long the slowest of this many threads needs, each for the same number of calls.
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
        // A thread that panicked has taken for ever.
        let times = runners.into_iter().map(|runner| runner.join().unwrap_or(Duration::MAX));
        times.max().unwrap_or_default()
    })
}

const CALLS: u32 = 10_000;
