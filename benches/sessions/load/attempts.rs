//! The longest pause of the store of login attempts in memory.
//!
//! Only a throttle creates attempts, so the names arrive as logins whose lookup fails before a password is hashed. The store
//! receives no outcome, so the attempts stay counted, as failed ones do.

use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gatevault::testing::ManualClock;
use gatevault::throttle::{Admission, Attempt, AttemptOutcome, AttemptStore, AttemptTicket, StoreFuture};
use gatevault::{AuthUser, LoginThrottle, MemoryAttempts, OAuthHandler, TokenManager, UserId};

use super::Load;
use crate::BenchResult;
use crate::figures::Figures;

/// A store that measures `begin` and ignores outcomes.
#[derive(Clone)]
struct Measured {
    attempts: MemoryAttempts,
    times: Arc<Mutex<Vec<Duration>>>,
}

impl Measured {
    /// Returns the figures since the last call.
    fn figures(&self) -> Figures {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        Figures::of(times.drain(..).collect())
    }
}

impl AttemptStore for Measured {
    fn begin(&self, attempt: Attempt) -> StoreFuture<'_, Admission> {
        Box::pin(async move {
            let start = Instant::now();
            let admission = self.attempts.begin(attempt).await;
            let elapsed = start.elapsed();
            self.times.lock().unwrap_or_else(PoisonError::into_inner).push(elapsed);
            admission
        })
    }

    fn record_outcome(&self, _: Attempt, _: AttemptTicket, _: AttemptOutcome) -> StoreFuture<'_, ()> {
        Box::pin(ready(Ok(())))
    }

    fn is_shared(&self) -> bool {
        false
    }
}

/// A user type for a lookup that always fails.
struct Unreachable;

impl AuthUser for Unreachable {
    fn id(&self) -> UserId {
        0.into()
    }
    fn hashed_password(&self) -> Option<&str> {
        None
    }
}

/// Prints the longest `begin` while distinct names arrive, and when all of them have been forgotten.
pub(super) async fn print_attempts(load: Load) -> BenchResult<()> {
    println!("\nmemory attempts            begin p50      most    counters");
    let clock = ManualClock::default();
    let tokens = TokenManager::builder().secret([7; 32]).clock(clock.clone()).build()?;
    let attempts = MemoryAttempts::holding(load.names.try_into()?);
    // Room for all, so that the vector does not grow between two attempts.
    let times = Vec::with_capacity(load.names.saturating_mul(2).try_into()?);
    let measured = Measured { attempts: attempts.clone(), times: Arc::new(Mutex::new(times)) };
    let oauth =
        OAuthHandler::new_async(tokens, |_: &str| ready(Err::<Option<Unreachable>, _>("no database")));
    let oauth = oauth.stateless().throttle(LoginThrottle::new(measured.clone()).forget_after(FORGET_AFTER));
    let log_in = async |first: u32, end: u32| {
        for number in first..end {
            drop(oauth.async_login(&format!("name {number}"), "a guess").await);
        }
        let begun = measured.figures();
        (begun.median(), begun.longest(), attempts.counters())
    };
    let names = load.names;
    let (median, most, counters) = log_in(0, names).await;
    println!("  {names:>9} distinct names {median:>10.1?} {most:>9.1?} {counters:>11}");
    clock.advance(FORGET_AFTER.saturating_mul(3));
    let (median, most, counters) = log_in(names, names.saturating_add(names / 10)).await;
    println!("  all forgotten, 10 % more {median:>10.1?} {most:>9.1?} {counters:>11}");
    Ok(())
}

const FORGET_AFTER: Duration = Duration::from_mins(15);
