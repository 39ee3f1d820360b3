//! Subscriptions to a server: a task that listens and reconnects until the subscription is dropped.

use std::fmt::Display;
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::executor::Executor;
use crate::session::RevocationSubscription;

/// Runs `listen` until the subscription is dropped, again after a pause (exponential backoff) when it returns.
pub(super) fn subscribe<F, E>(
    executor: &Executor,
    mut listen: impl FnMut() -> F + Send + 'static,
) -> RevocationSubscription
where
    F: Future<Output = Result<(), E>> + Send,
    E: Display,
{
    let task = executor.handle().spawn(async move {
        let mut pause = MIN_PAUSE;
        loop {
            let started = Instant::now();
            let error = listen().await.err().map(|error| error.to_string());
            if started.elapsed() > MAX_PAUSE {
                pause = MIN_PAUSE;
            }
            tracing::debug!(target: "gatevault", ?error, retry_in = ?pause, "revocation subscription lost, reconnecting");
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(MAX_PAUSE);
        }
    });
    Box::new(Subscription { task: task.abort_handle(), _executor: executor.clone() })
}

/// A guard: dropping it aborts the task. Until then it keeps the task's runtime alive.
#[derive(Debug)]
struct Subscription {
    task: AbortHandle,
    _executor: Executor,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.task.abort();
    }
}

const MIN_PAUSE: Duration = Duration::from_millis(100);
/// Not longer: a revocation feed polls as well, so notifications only shorten its delay.
const MAX_PAUSE: Duration = Duration::from_secs(10);
