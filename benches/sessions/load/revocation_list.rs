//! The list of revoked sessions in a manager: the time to add an entry, and the memory of expired ones.

use std::time::{Duration, Instant};

use gatevault::TokenManager;
use gatevault::testing::ManualClock;

use super::Load;
use crate::BenchResult;
use crate::memory::resident;

/// Prints the mean and the longest time to add an entry, and the memory before and after all entries have expired.
pub(super) fn print_revocation_list(load: Load) -> BenchResult<()> {
    println!("\nrevocation list             add mean      most     entries    memory");
    let clock = ManualClock::default();
    let tokens = TokenManager::builder().secret([7; 32]).clock(clock.clone()).build()?;
    let before = resident()?;
    let print = |name: &str, (mean, most): (Duration, Duration)| -> BenchResult<()> {
        let megabytes = resident()?.saturating_sub(before) / 1_000_000;
        println!("  {name:24} {mean:>9.1?} {most:>9.1?} {:>11} {megabytes:>6} MB", tokens.revoked());
        Ok(())
    };
    let million = load.entries / 5;
    print(&format!("up to {million}"), add(&tokens, 0, million)?)?;
    print(&format!("up to {}", load.entries), add(&tokens, million, load.entries)?)?;
    // No accepted token lives longer than the refresh tokens of this manager, which is a week by default.
    clock.advance(tokens.refresh_expiry().saturating_add(Duration::from_hours(48)));
    let more = load.entries.saturating_add(load.entries / 100);
    print("all expired, 1 % more", add(&tokens, load.entries, more)?)
}

/// Adds the entries of these numbers. Returns the mean and the longest time.
fn add(tokens: &TokenManager, first: u64, end: u64) -> BenchResult<(Duration, Duration)> {
    let (mut total, mut most) = (Duration::ZERO, Duration::ZERO);
    for number in first..end {
        let id = format!("{number:036}");
        let start = Instant::now();
        tokens.revoke_session(None, &id)?;
        let elapsed = start.elapsed();
        (total, most) = (total.saturating_add(elapsed), most.max(elapsed));
    }
    let count = u32::try_from(end.saturating_sub(first))?;
    Ok((total.checked_div(count).unwrap_or_default(), most))
}
