//! The longest single operation of what is kept in memory, while it grows to a million entries and when it is cleaned.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::session::{RemoveExpired, RevocationCursor};
use gatevault::{MemorySessions, Timestamp};

use super::Load;
use super::attempts::print_attempts;
use super::revocation_list::print_revocation_list;
use crate::clients::beside_rotations;
use crate::figures::Figures;
use crate::operations::{HeldSession, Store, later, now};
use crate::{BenchResult, runtime};

/// Prints the longest operations.
///
/// # Errors
///
/// Returns an error if the memory of the process cannot be read, or a thread not be spawned.
pub fn print_pauses(load: Load) -> BenchResult<()> {
    // The revocation list is first, while the memory of the process is its own.
    print_revocation_list(load)?;
    // A worker thread for the rotations; the cleaning runs on this thread.
    let runtime = runtime(1)?;
    runtime.block_on(print_sessions(load))?;
    runtime.block_on(print_attempts(load))
}

async fn print_sessions(load: Load) -> BenchResult<()> {
    println!("\nmemory store                open p50      most   poll without news p50");
    let store: Store = Arc::new(MemorySessions::new());
    let (now, tomorrow) = (now()?, later()?);
    let soon = after(now, 3600)?;
    let mut opened = 0;
    // Polls at a thousandth, a tenth and all of the sessions; a half only for the longest login on the way.
    for target in [load.sessions / 1000, load.sessions / 10, load.sessions / 2, load.sessions] {
        let mut times = Vec::new();
        for user in opened..target {
            let session = HeldSession::of(user);
            let expires_at = if user % 10 == 0 { soon } else { tomorrow };
            let new = session.to_open(now, expires_at);
            let start = Instant::now();
            store.open(new).await?;
            times.push(start.elapsed());
            if user % 10 == 1 {
                session.end(&store).await?;
            }
        }
        opened = target;
        let opens = Figures::of(times);
        let (median, most, poll) = (opens.median(), opens.longest(), poll(&store).await?);
        println!("  up to {target:>9} sessions {median:>11.1?} {most:>9.1?} {poll:>10.1?}");
    }
    let cleaning = remove_expired(&store, RemoveExpired::new(after(soon, 1)?, Duration::from_hours(24)));
    let ((removed, longest, total), rotations) = beside_rotations(&store, cleaning).await?;
    println!("  remove_expired: {removed} removed, longest call {longest:.1?}, together {total:.1?}");
    println!("  longest of {} rotations meanwhile: {:.1?}", rotations.count(), rotations.longest());
    Ok(())
}

/// Returns the median time to read the revocations after the last one.
pub(crate) async fn poll(store: &Store) -> BenchResult<Duration> {
    let (mut last, mut times) = (0, Vec::new());
    loop {
        let batch = store.revocations_since(RevocationCursor::Position(last)).await?;
        if batch.revocations.is_empty() {
            break;
        }
        last = batch.position;
    }
    for _ in 0..POLLS {
        let start = Instant::now();
        let batch = store.revocations_since(RevocationCursor::Position(last)).await?;
        times.push(start.elapsed());
        if !batch.revocations.is_empty() {
            return Err("a revocation after the last one".into());
        }
    }
    Ok(Figures::of(times).median())
}

/// Calls until nothing is left. Returns the number of removed sessions, the longest call and the time of all.
async fn remove_expired(store: &Store, request: RemoveExpired) -> BenchResult<(u64, Duration, Duration)> {
    let (mut removed, mut longest, start) = (0_u64, Duration::ZERO, Instant::now());
    loop {
        let called = Instant::now();
        let more = store.remove_expired(request).await?;
        longest = longest.max(called.elapsed());
        if more == 0 {
            return Ok((removed, longest, start.elapsed()));
        }
        removed = removed.saturating_add(more);
    }
}

pub(crate) fn after(time: Timestamp, seconds: u64) -> BenchResult<Timestamp> {
    Ok(Timestamp::from_seconds(time.seconds().saturating_add(seconds)).ok_or("the clock is wrong")?)
}

const POLLS: u32 = 101;
