//! The executor of a store: an existing tokio runtime, or a dedicated one.
//!
//! Each operation begins when its future is first polled, as a task of its own unless `run_in_place` says otherwise.
//! It makes progress under any executor and under a blocked thread, and it completes even if the caller then drops the future.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

use crate::error::{ConfigError, StoreError};
use crate::future::StoreFuture;

/// A handle to a runtime, and the time limit of an operation.
#[derive(Debug, Clone)]
pub(super) struct Executor {
    handle: Handle,
    pub(super) limit: Duration,
    /// The dedicated runtime, if there is one. It shuts down with the last clone.
    _dedicated: Option<Arc<DedicatedRuntime>>,
}

impl Executor {
    /// Uses the runtime that the caller runs on.
    pub(super) fn current() -> Result<Self, ConfigError> {
        let handle = Handle::try_current().map_err(|_| ConfigError::NoRuntime)?;
        Ok(Self { handle, limit: DEFAULT_LIMIT, _dedicated: None })
    }

    /// Starts a dedicated runtime with one thread, for programs without a runtime.
    pub(super) fn dedicated() -> Result<Self, ConfigError> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("gatevault-sessions").enable_all();
        let runtime = builder.build().map_err(|_| ConfigError::NoThread)?;
        let handle = runtime.handle().clone();
        let dedicated = Some(Arc::new(DedicatedRuntime(Some(runtime))));
        Ok(Self { handle, limit: DEFAULT_LIMIT, _dedicated: dedicated })
    }

    /// Sets the time limit of an operation.
    pub(super) fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Runs the operation until it completes or reaches the limit, even if the returned future is dropped after a poll.
    pub(super) fn run<T, E>(
        &self,
        operation: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> StoreFuture<'static, T>
    where
        T: Send + 'static,
        E: Into<StoreError> + Send + 'static,
    {
        let (handle, limit) = (self.handle().clone(), self.limit);
        Box::pin(async move { handle.spawn(run_within(limit, operation)).await.map_err(StoreError::new)? })
    }

    /// Runs batches of a removal, each an operation with a limit of its own, and returns the number of entries that they
    /// removed. Stops when nothing is left, or when [`CALL_TIME`] has passed and something was removed.
    ///
    /// Zero therefore means that nothing is left. If the returned future is dropped, the current batch completes, and no other
    /// begins. After an error, the earlier batches have taken effect.
    pub(super) fn run_batches<C, F>(
        &self,
        first: C,
        batch: impl Fn(C) -> F + Send + 'static,
    ) -> StoreFuture<'static, u64>
    where
        C: Send + 'static,
        F: Future<Output = Result<Removed<C>, StoreError>> + Send + 'static,
    {
        let executor = self.clone();
        Box::pin(async move {
            let started = Instant::now();
            let (mut number, mut cursor) = (0_u64, Some(first));
            while let Some(position) = cursor.take() {
                let removed = executor.run(batch(position)).await?;
                number = number.saturating_add(removed.number);
                cursor = removed.next.filter(|_| number == 0 || started.elapsed() < CALL_TIME);
            }
            Ok(number)
        })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

/// Runs the operation until it completes or reaches the limit. A tokio timer must be created inside the runtime, so the limit begins
/// with the first poll.
pub(super) async fn run_within<T, E: Into<StoreError>>(
    limit: Duration,
    operation: impl Future<Output = Result<T, E>>,
) -> Result<T, StoreError> {
    let finished = timeout(limit, operation).await;
    finished.map_err(|_| StoreError::from("the store did not respond in time"))?.map_err(Into::into)
}

/// The result of one batch of a removal.
#[derive(Debug)]
pub(super) struct Removed<C> {
    /// The number of entries that the batch removed.
    pub(super) number: u64,
    /// The position at which the next batch begins, unless nothing is left.
    pub(super) next: Option<C>,
}

/// A runtime that can be dropped inside an executor, where waiting for its tasks would panic.
#[derive(Debug)]
struct DedicatedRuntime(Option<Runtime>);

impl Drop for DedicatedRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The time limit unless `time_limit(..)` sets another.
pub(super) const DEFAULT_LIMIT: Duration = Duration::from_secs(5);

/// The time after which a call that removes expired entries begins no further batch. The thread of a feed reads no revocations
/// meanwhile.
const CALL_TIME: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::sync::Semaphore;
    use tokio::time::sleep;

    use super::{CALL_TIME, Executor, Removed};
    use crate::error::StoreError;
    use crate::future::wait_for;

    #[tokio::test]
    async fn the_time_limit_applies_to_each_batch_and_not_to_all_of_them() {
        let executor = Executor::current().unwrap().with_limit(CALL_TIME.saturating_mul(3));
        // No batch but the last removes anything, so that the call takes longer than the limit.
        let batch = |number: u64| async move {
            sleep(CALL_TIME).await;
            let removes = u64::from(number == 8);
            Ok(Removed { number: removes, next: Some(number.saturating_add(1)).filter(|_| removes == 0) })
        };
        assert_eq!(executor.run_batches(0, batch).await.unwrap(), 1);
        let executor = executor.with_limit(Duration::from_millis(50));
        executor.run_batches(0, batch).await.unwrap_err();
    }

    #[tokio::test]
    async fn a_call_begins_no_batch_when_its_time_is_over() {
        let executor = Executor::current().unwrap();
        let batch = |number: u64| async move {
            sleep(CALL_TIME).await;
            Ok(Removed { number: 7, next: Some(number) })
        };
        assert_eq!(executor.run_batches(0, batch).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn an_error_ends_the_call() {
        let batch = |number: u64| async move {
            let removed = Removed { number: 1, next: Some(number.saturating_add(1)) };
            Some(removed).filter(|_| number < 2).ok_or_else(|| StoreError::from("refused"))
        };
        let outcome = Executor::current().unwrap().run_batches(0, batch).await;
        assert_eq!(outcome.unwrap_err().to_string(), "refused");
    }

    #[test]
    fn a_call_on_a_runtime_that_was_stopped_is_an_error() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let executor = runtime.block_on(async { Executor::current().unwrap() });
        let batch = |number: u64| async move { Ok(Removed { number: 0, next: Some(number) }) };
        let before = executor.run_batches(0, batch);
        runtime.shutdown_background();
        for call in [before, executor.run_batches(0, batch)] {
            wait_for(call, Duration::from_mins(1)).unwrap().unwrap_err();
        }
    }

    #[tokio::test]
    async fn a_call_that_is_dropped_completes_its_batch_and_begins_no_other() {
        let (gate, begun, done) =
            (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let (opened, counted, completed) = (Arc::clone(&gate), Arc::clone(&begun), Arc::clone(&done));
        let call = Executor::current().unwrap().run_batches(0, move |number: u64| {
            let (opened, completed) = (Arc::clone(&opened), Arc::clone(&completed));
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                opened.acquire().await.unwrap().forget();
                completed.add_permits(1);
                Ok(Removed { number: 1, next: Some(number) })
            }
        });
        tokio::time::timeout(Duration::from_millis(50), call).await.unwrap_err();
        gate.add_permits(10);
        done.acquire().await.unwrap().forget();
        sleep(Duration::from_millis(20)).await;
        assert_eq!((begun.load(Ordering::SeqCst), gate.available_permits()), (1, 9));
    }
}
