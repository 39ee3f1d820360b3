//! Where hashing runs when nobody may wait for it on the executor: tokio's blocking pool, and of it no
//! more threads at once than the machine has processors.
//!
//! Without the bound, a login storm would start hundreds of threads that slow each other down and take
//! the pool away from file access and name lookups.

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::error::HashingError;

/// Runs `work` on the process-wide pool, when its turn comes.
pub(super) async fn run<T, W>(work: W) -> Result<T, HashingError>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    run_within(&PROCESS_WIDE, work).await
}

async fn run_within<T, W>(bound: &Arc<Semaphore>, work: W) -> Result<T, HashingError>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    let runtime = Handle::try_current().map_err(|_| HashingError::PoolUnavailable)?;
    let permit = Arc::clone(bound).acquire_owned().await.map_err(|_| HashingError::PoolUnavailable)?;
    let task = runtime.spawn_blocking(move || {
        // Work that has begun cannot be cancelled: when the caller is gone, it still counts.
        let _permit = permit;
        work()
    });
    task.await.map_err(|gone| {
        if gone.is_cancelled() { HashingError::PoolUnavailable } else { HashingError::Failed(gone.into()) }
    })
}

static PROCESS_WIDE: LazyLock<Arc<Semaphore>> =
    LazyLock::new(|| Arc::new(Semaphore::new(available_parallelism().map_or(1, Into::into))));

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::mpsc;
    use std::task::{Context, Waker};
    use std::thread;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    #[test]
    fn no_more_work_runs_at_once_than_there_are_permits() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static PEAK: AtomicUsize = AtomicUsize::new(0);
        let bound = Arc::new(Semaphore::new(3));
        runtime().block_on(async {
            let tasks: Vec<_> = (0..50)
                .map(|_| {
                    let bound = Arc::clone(&bound);
                    tokio::spawn(async move {
                        run_within(&bound, || {
                            PEAK.fetch_max(RUNNING.fetch_add(1, SeqCst) + 1, SeqCst);
                            (0..100).for_each(|_| thread::yield_now());
                            RUNNING.fetch_sub(1, SeqCst);
                        })
                        .await
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap().unwrap();
            }
        });
        assert!((1..=3).contains(&PEAK.load(SeqCst)), "peak of {PEAK:?}");
        assert_eq!(bound.available_permits(), 3);
    }

    #[test]
    fn work_runs_off_the_executor() {
        let bound = Arc::new(Semaphore::new(1));
        let worker = runtime().block_on(run_within(&bound, || thread::current().id())).unwrap();
        assert_ne!(worker, thread::current().id());
    }

    #[test]
    fn work_whose_caller_is_gone_keeps_its_permit_until_it_ends() {
        let bound = Arc::new(Semaphore::new(1));
        let (let_it_end, may_end) = mpsc::channel::<()>();
        runtime().block_on(async {
            start_and_drop(run_within(&bound, move || may_end.recv()));
            assert_eq!(bound.available_permits(), 0);
            let_it_end.send(()).unwrap();
            assert_eq!(run_within(&bound, || 7).await.unwrap(), 7);
        });
    }

    #[test]
    fn a_caller_that_leaves_the_queue_takes_no_permit_along() {
        let bound = Arc::new(Semaphore::new(1));
        runtime().block_on(async {
            let busy = bound.acquire().await.unwrap();
            start_and_drop(run_within(&bound, || panic!("its caller left before its turn")));
            drop(busy);
            assert_eq!(run_within(&bound, || 7).await.unwrap(), 7);
        });
    }

    #[test]
    fn work_that_panics_is_an_error_and_gives_its_permit_back() {
        let bound = Arc::new(Semaphore::new(1));
        let outcome = runtime().block_on(run_within(&bound, || panic!("on purpose")));
        assert!(matches!(outcome, Err::<(), _>(HashingError::Failed(_))));
        assert_eq!(bound.available_permits(), 1);
    }

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    fn start_and_drop<T>(future: impl Future<Output = T>) {
        let mut future = pin!(future);
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
}
