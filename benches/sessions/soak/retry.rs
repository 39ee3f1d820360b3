//! Retries of a client while a store is unavailable.

use std::time::{Duration, Instant};

use gatevault::GuardError;
use tokio::time::sleep;

/// Retries the request while the store is unavailable. Returns the last result, and the errors before it.
pub(super) async fn retried<T, F>(request: impl Fn() -> F) -> (Result<T, GuardError>, Vec<String>)
where
    F: Future<Output = Result<T, GuardError>>,
{
    let (start, mut errors) = (Instant::now(), Vec::new());
    loop {
        match request().await {
            Err(GuardError::Unavailable(cause)) if start.elapsed() < LONGEST_OUTAGE => {
                errors.push(kind_of(&cause.to_string()));
            }
            result => return (result, errors),
        }
        sleep(PAUSE).await;
    }
}

/// Returns the first line of an error without its numbers, such as ports.
fn kind_of(error: &str) -> String {
    let line = error.lines().next().unwrap_or_default();
    line.chars().filter(|letter| !letter.is_ascii_digit()).take(80).collect()
}

const PAUSE: Duration = Duration::from_millis(20);
/// Shorter than the grace, so that a client whose answer was lost gets the same successor.
const LONGEST_OUTAGE: Duration = Duration::from_secs(50);
