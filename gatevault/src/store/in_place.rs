//! Operations that their callers poll, and that complete without them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::task::{self, JoinHandle};

use super::executor::{Executor, run_within};
use crate::error::StoreError;
use crate::future::{StoreFuture, is_waiting};

impl Executor {
    /// Runs the operation as [`run`](Self::run) does, but within the caller's task if that runs on the same runtime.
    ///
    /// The operation must hold nothing that others wait for, such as a connection of a pool: a caller may stop polling without
    /// dropping the future, for example in a `select!`.
    pub(super) fn run_in_place<T, E>(
        &self,
        operation: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> StoreFuture<'static, T>
    where
        T: Send + 'static,
        E: Into<StoreError> + Send + 'static,
    {
        let operation = Box::pin(run_within(self.limit, operation));
        Box::pin(InPlace { handle: self.handle().clone(), step: Step::New(operation) })
    }
}

/// A future that polls an operation within the task of its caller, if that runs on the runtime of the operation. Anywhere else the
/// operation becomes a task of the runtime. So it does if this future is dropped after a poll.
///
/// It saves two switches between tasks, but a caller that stops polling stops the operation. So it is only for operations that hold
/// nothing that others wait for.
struct InPlace<T: Send + 'static> {
    handle: Handle,
    step: Step<T>,
}

type Operation<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

enum Step<T> {
    New(Operation<T>),
    /// The operation was polled. It must complete.
    Begun(Operation<T>),
    Spawned(JoinHandle<Result<T, StoreError>>),
    /// The operation completed, or panicked.
    Over,
}

impl<T: Send + 'static> Future for InPlace<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut task = match std::mem::replace(&mut self.step, Step::Over) {
            Step::New(mut operation) | Step::Begun(mut operation) if is_task_of(&self.handle) => {
                let outcome = poll_operation(&mut operation, context);
                if outcome.is_pending() {
                    self.step = Step::Begun(operation);
                }
                return outcome;
            }
            Step::New(operation) | Step::Begun(operation) => self.handle.spawn(operation),
            Step::Spawned(task) => task,
            Step::Over => return Poll::Ready(Err("an operation of a store was polled after its end".into())),
        };
        let outcome = Pin::new(&mut task).poll(context);
        if outcome.is_pending() {
            self.step = Step::Spawned(task);
        }
        outcome.map(|finished| finished.map_err(StoreError::new)?)
    }
}

impl<T: Send + 'static> Drop for InPlace<T> {
    fn drop(&mut self) {
        if let Step::Begun(operation) = std::mem::replace(&mut self.step, Step::Over) {
            self.handle.spawn(operation);
        }
    }
}

/// Runs an operation until it completes or waits. A panic is an error, as it is in a task of its own.
///
/// A timer panics on a runtime that shuts down. The caller may see that on a thread of `spawn_blocking`, which outlives the tasks,
/// if it blocks there on another executor.
fn poll_operation<T>(operation: &mut Operation<T>, context: &mut Context<'_>) -> Poll<Result<T, StoreError>> {
    let polled = catch_unwind(AssertUnwindSafe(|| operation.as_mut().poll(context)));
    polled.unwrap_or_else(|_| Poll::Ready(Err("an operation of a store panicked".into())))
}

/// Returns whether the caller is a task of the runtime. Its timers fail on other threads when it shuts down, also on one that
/// blocks.
fn is_task_of(handle: &Handle) -> bool {
    let is_current = || Handle::try_current().is_ok_and(|current| current.id() == handle.id());
    task::try_id().is_some() && !is_waiting() && is_current()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};
    use std::time::{Duration, Instant};

    use tokio::runtime::{Builder, Runtime};
    use tokio::sync::Semaphore;
    use tokio::task;
    use tokio::time::sleep;

    use crate::error::StoreError;
    use crate::future::{StoreFuture, wait_for};
    use crate::store::executor::Executor;

    /// Returns an operation that takes two permits and returns the id of the task that polled it last.
    fn operation(
        gate: &Arc<Semaphore>,
    ) -> impl Future<Output = Result<task::Id, StoreError>> + Send + 'static {
        let gate = Arc::clone(gate);
        async move {
            gate.acquire().await.unwrap().forget();
            gate.acquire().await.unwrap().forget();
            Ok(task::id())
        }
    }

    /// Polls once, without a waker.
    fn poll<T>(call: &mut StoreFuture<'static, T>) {
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }

    fn runtime() -> Runtime {
        Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
    }

    async fn in_a_task<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
        tokio::spawn(future).await.unwrap()
    }

    async fn a_task_polls_the_operation() {
        in_a_task(async {
            let gate = Arc::new(Semaphore::new(2));
            let call = Executor::current().unwrap().run_in_place(operation(&gate));
            assert_eq!(call.await.unwrap(), task::id());
        })
        .await;
    }

    #[test]
    fn a_task_of_the_runtime_polls_the_operation_itself() {
        runtime().block_on(a_task_polls_the_operation());
        Builder::new_current_thread().enable_all().build().unwrap().block_on(a_task_polls_the_operation());
    }

    #[test]
    fn another_executor_a_blocked_thread_and_another_runtime_wait_for_a_task() {
        let (ours, other) = (runtime(), runtime());
        let executor = ours.block_on(async { Executor::current().unwrap() });
        let gate = Arc::new(Semaphore::new(100));
        let call = || executor.run_in_place(operation(&gate));
        wait_for(call(), Duration::from_mins(1)).unwrap().unwrap();
        let task = call();
        other.block_on(in_a_task(async move { assert_ne!(task.await.unwrap(), task::id()) }));
        let (task, is_own) = (call(), true);
        let blocked = ours.spawn_blocking(move || {
            let polled_by = wait_for(task, Duration::from_mins(1)).unwrap().unwrap();
            (polled_by == task::id()) != is_own
        });
        assert!(ours.block_on(blocked).unwrap());
    }

    #[tokio::test]
    async fn an_operation_that_is_dropped_after_a_poll_completes() {
        let gate = Arc::new(Semaphore::new(0));
        let (of_call, executor) = (Arc::clone(&gate), Executor::current().unwrap());
        in_a_task(async move { poll(&mut executor.run_in_place(operation(&of_call))) }).await;
        gate.add_permits(2);
        while gate.available_permits() > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn an_operation_that_is_dropped_before_a_poll_does_not_begin() {
        let gate = Arc::new(Semaphore::new(2));
        drop(Executor::current().unwrap().run_in_place(operation(&gate)));
        sleep(Duration::from_millis(20)).await;
        assert_eq!(gate.available_permits(), 2);
    }

    #[test]
    fn an_operation_can_move_to_another_runtime_after_a_poll() {
        let (ours, other) = (runtime(), runtime());
        let gate = Arc::new(Semaphore::new(1));
        let of_call = Arc::clone(&gate);
        let begun = ours.block_on(in_a_task(async move {
            let mut call = Executor::current().unwrap().run_in_place(operation(&of_call));
            poll(&mut call);
            [call]
        }));
        gate.add_permits(1);
        let [begun] = begun;
        other.block_on(in_a_task(async move { assert_ne!(begun.await.unwrap(), task::id()) }));
    }

    #[test]
    fn an_operation_on_a_runtime_that_was_stopped_is_an_error() {
        let ours = runtime();
        let gate = Arc::new(Semaphore::new(1));
        let (of_calls, again) = (Arc::clone(&gate), Arc::clone(&gate));
        let (executor, begun, other) = ours.block_on(in_a_task(async move {
            let executor = Executor::current().unwrap();
            let call = || executor.run_in_place(operation(&of_calls));
            let (mut begun, mut other) = (call(), call());
            poll(&mut begun);
            poll(&mut other);
            (executor, begun, other)
        }));
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let late = executor.clone();
        // A thread of the runtime that outlives it.
        let blocked = ours.spawn_blocking(move || {
            stopped.recv().unwrap();
            wait_for(late.run_in_place(operation(&again)), Duration::from_mins(1)).unwrap().unwrap_err();
        });
        ours.shutdown_background();
        stop.send(()).unwrap();
        drop(other);
        for call in [begun, executor.run_in_place(operation(&gate))] {
            wait_for(call, Duration::from_mins(1)).unwrap().unwrap_err();
        }
        runtime().block_on(blocked).unwrap();
    }

    /// Polls on a thread of a runtime, as an executor does that knows nothing of the runtime.
    fn poll_until_ready<T>(mut call: StoreFuture<'static, T>) -> Result<T, StoreError> {
        let started = Instant::now();
        loop {
            match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(outcome) => return outcome,
                Poll::Pending => assert!(started.elapsed() < Duration::from_mins(1), "the call never ends"),
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn an_operation_that_another_executor_polls_on_a_thread_of_a_stopped_runtime_is_an_error() {
        let ours = runtime();
        let executor = ours.block_on(async { Executor::current().unwrap() });
        let (begun, started) = std::sync::mpsc::channel::<()>();
        let threads = [true, false].map(|begins_before| {
            let (executor, begun) = (executor.clone(), begun.clone());
            let (stop, stopped) = std::sync::mpsc::channel::<()>();
            let blocked = ours.spawn_blocking(move || {
                let mut call = executor.run_in_place(operation(&Arc::new(Semaphore::new(1))));
                if begins_before {
                    poll(&mut call);
                }
                begun.send(()).unwrap();
                stopped.recv().unwrap();
                poll_until_ready(call).unwrap_err();
            });
            (stop, blocked)
        });
        (0..2).for_each(|_| started.recv().unwrap());
        ours.shutdown_background();
        for (stop, blocked) in threads {
            stop.send(()).unwrap();
            runtime().block_on(blocked).unwrap();
        }
    }

    #[tokio::test]
    async fn a_panic_of_an_operation_that_its_caller_polls_is_an_error() {
        in_a_task(async {
            let panicking = async {
                assert!(task::try_id().is_none(), "the caller polls it");
                Ok::<_, StoreError>(())
            };
            Executor::current().unwrap().run_in_place(panicking).await.unwrap_err();
        })
        .await;
    }

    #[tokio::test]
    async fn the_time_limit_applies_to_an_operation_that_its_caller_polls() {
        in_a_task(async {
            let executor = Executor::current().unwrap().with_limit(Duration::from_millis(50));
            let error = executor.run_in_place(operation(&Arc::new(Semaphore::new(0)))).await.unwrap_err();
            assert!(error.to_string().contains("in time"), "{error}");
        })
        .await;
    }
}
