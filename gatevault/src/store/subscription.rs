//! A task that listens to a server for as long as somebody wants it to.

use std::fmt::Display;
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::executor::Executor;
use crate::session::RevocationSubscription;

/// Listens, and again after a pause whenever that has ended, until the subscription is dropped.
pub(super) fn listen_again_and_again<F, E>(
    executor: &Executor,
    mut listen: impl FnMut() -> F + Send + 'static,
) -> RevocationSubscription
where
    F: Future<Output = Result<(), E>> + Send,
    E: Display,
{
    let task = executor.handle().spawn(async move {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let begun = Instant::now();
            let reason = listen().await.err().map(|error| error.to_string());
            tracing::debug!(target: "gatevault", ?reason, "the ends of sessions are not told any more");
            if begun.elapsed() > LONGEST_PAUSE {
                pause = SHORTEST_PAUSE;
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    });
    Box::new(Listening { task: task.abort_handle(), _executor: executor.clone() })
}

/// Ends the task with its drop, and keeps the place where it runs until then.
#[derive(Debug)]
struct Listening {
    task: AbortHandle,
    _executor: Executor,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// Longer would gain nothing: who listens asks now and then anyway.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
