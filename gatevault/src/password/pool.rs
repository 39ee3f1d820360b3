//! The pool for the async forms: tokio's blocking threads, with at most one hash for each processor at a time and a
//! bounded queue.
//!
//! Without the first bound, a login storm would start hundreds of threads that slow each other down, occupy the pool
//! that also serves file access and name resolution, and each fill the memory of its hash. Without the second, the
//! storm would fill the memory with calls whose clients have given up.

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::HashingError;

/// Runs `work` on the process-wide pool.
pub(super) async fn run<T, W>(work: W) -> Result<T, HashingError>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    PROCESS_WIDE.run(work).await
}

/// Two bounds on the tasks of a pool.
struct HashingPool {
    /// Permits for tasks that run.
    running: Arc<Semaphore>,
    /// Permits for tasks that run or wait.
    admitted: Arc<Semaphore>,
}

impl HashingPool {
    fn new(running: usize, waiting: usize) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { running: semaphore(running), admitted: semaphore(running.saturating_add(waiting)) }
    }

    /// Runs `work` when a thread is free. Fails at once if the queue is full.
    async fn run<T, W>(&self, work: W) -> Result<T, HashingError>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| HashingError::PoolUnavailable)?;
        let permits = self.acquire().await?;
        let task = runtime.spawn_blocking(move || {
            // Running work cannot be cancelled. It counts until it ends, even if its caller was dropped.
            let _permits = permits;
            work()
        });
        task.await.map_err(|gone| {
            if gone.is_cancelled() {
                HashingError::PoolUnavailable
            } else {
                HashingError::Failed(gone.into())
            }
        })
    }

    /// Acquires admission, at once or never, and then waits for a permit to run. Admission is held to the end, so that
    /// one count bounds running and waiting tasks together, and no task is between the two counts.
    async fn acquire(&self) -> Result<[OwnedSemaphorePermit; 2], HashingError> {
        let admission = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| HashingError::Busy)?;
        let permit =
            Arc::clone(&self.running).acquire_owned().await.map_err(|_| HashingError::PoolUnavailable)?;
        Ok([permit, admission])
    }
}

/// With a quarter of a second for a hash, the last task in the queue waits eight seconds, about as long as its client.
const WAITING_PER_PROCESSOR: usize = 32;

static PROCESS_WIDE: LazyLock<HashingPool> = LazyLock::new(|| {
    let processors = available_parallelism().map_or(1, Into::into);
    HashingPool::new(processors, processors.saturating_mul(WAITING_PER_PROCESSOR))
});

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    use std::sync::{Barrier, Condvar, Mutex};
    use std::task::{Context, Waker};
    use std::thread;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    #[test]
    fn no_more_work_runs_at_once_than_permitted() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static PEAK: AtomicUsize = AtomicUsize::new(0);
        let (runtime, pool) = (runtime(), Arc::new(HashingPool::new(3, 50)));
        let callers = burst(&runtime, &pool, 50, || {
            PEAK.fetch_max(RUNNING.fetch_add(1, SeqCst) + 1, SeqCst);
            (0..100).for_each(|_| thread::yield_now());
            RUNNING.fetch_sub(1, SeqCst);
        });
        assert_eq!(refusals(callers), 0);
        assert!((1..=3).contains(&PEAK.load(SeqCst)), "peak of {PEAK:?}");
        assert!(is_idle(&pool, 3, 50));
    }

    #[test]
    fn work_runs_off_the_executor() {
        let worker = runtime().block_on(HashingPool::new(1, 0).run(|| thread::current().id())).unwrap();
        assert_ne!(worker, thread::current().id());
    }

    #[test]
    fn of_a_burst_from_many_threads_exactly_those_beyond_the_queue_are_refused() {
        let runtime = runtime();
        for (running, waiting) in [(1, 0), (1, 1), (2, 5), (3, 64)] {
            let (pool, gate) = (Arc::new(HashingPool::new(running, waiting)), Arc::new(Gate::default()));
            let closed = Arc::clone(&gate);
            let callers = burst(&runtime, &pool, running + waiting + 40, move || closed.pass());
            // Callers beyond the queue are refused at once, while all others are held up.
            while callers.iter().filter(|caller| caller.is_finished()).count() < 40 {
                thread::yield_now();
            }
            assert_eq!(pool.admitted.available_permits(), 0);
            gate.open();
            assert_eq!(refusals(callers), 40, "{running} running, {waiting} waiting");
            assert!(is_idle(&pool, running, waiting));
        }
    }

    #[test]
    fn work_whose_caller_was_dropped_keeps_its_permits_until_it_ends() {
        let (pool, gate) = (HashingPool::new(1, 0), Arc::new(Gate::default()));
        let closed = Arc::clone(&gate);
        runtime().block_on(async {
            start_and_drop(pool.run(move || closed.pass()));
            assert!(matches!(pool.run(|| 7).await, Err(HashingError::Busy)));
            gate.open();
            while !is_idle(&pool, 1, 0) {
                tokio::task::yield_now().await;
            }
            assert_eq!(pool.run(|| 7).await.unwrap(), 7);
        });
    }

    #[test]
    fn a_waiting_caller_that_is_dropped_frees_its_permit() {
        let pool = HashingPool::new(1, 1);
        runtime().block_on(async {
            let busy = pool.acquire().await.unwrap();
            for _ in 0..100 {
                let mut waiting = pin!(pool.run(|| 7));
                assert!(is_pending(waiting.as_mut()));
                assert!(matches!(pool.run(|| 7).await, Err(HashingError::Busy)));
            }
            start_and_drop(pool.run(|| panic!("its caller was dropped before it ran")));
            drop(busy);
            assert_eq!(pool.run(|| 7).await.unwrap(), 7);
        });
        assert!(is_idle(&pool, 1, 1));
    }

    #[test]
    fn work_that_panics_is_an_error_and_returns_its_permits() {
        let pool = HashingPool::new(1, 0);
        let outcome = runtime().block_on(pool.run(|| panic!("on purpose")));
        assert!(matches!(outcome, Err::<(), _>(HashingError::Failed(_))));
        assert!(is_idle(&pool, 1, 0));
    }

    /// Holds work up until it is opened.
    #[derive(Default)]
    struct Gate(Mutex<bool>, Condvar);

    impl Gate {
        fn pass(&self) {
            drop(self.1.wait_while(self.0.lock().unwrap(), |open| !*open).unwrap());
        }

        fn open(&self) {
            *self.0.lock().unwrap() = true;
            self.1.notify_all();
        }
    }

    fn runtime() -> Runtime {
        Builder::new_current_thread().build().unwrap()
    }

    type Caller = thread::JoinHandle<Result<(), HashingError>>;

    /// Starts callers, each on its own thread and all at once.
    fn burst(
        runtime: &Runtime,
        pool: &Arc<HashingPool>,
        callers: usize,
        work: impl Fn() + Clone + Send + 'static,
    ) -> Vec<Caller> {
        let start = Arc::new(Barrier::new(callers));
        let call = |_| {
            let (runtime, pool, start) = (runtime.handle().clone(), Arc::clone(pool), Arc::clone(&start));
            let work = work.clone();
            thread::spawn(move || {
                start.wait();
                runtime.block_on(pool.run(work))
            })
        };
        (0..callers).map(call).collect()
    }

    fn refusals(callers: Vec<Caller>) -> usize {
        let is_refusal = |caller: Caller| match caller.join().unwrap() {
            Ok(()) => false,
            Err(HashingError::Busy) => true,
            Err(other) => panic!("{other}"),
        };
        callers.into_iter().map(is_refusal).filter(|refused| *refused).count()
    }

    fn is_idle(pool: &HashingPool, running: usize, waiting: usize) -> bool {
        let admitted = pool.admitted.available_permits();
        pool.running.available_permits() == running && admitted.checked_sub(running) == Some(waiting)
    }

    fn start_and_drop<T>(future: impl Future<Output = T>) {
        assert!(is_pending(pin!(future)));
    }

    fn is_pending<T>(future: Pin<&mut impl Future<Output = T>>) -> bool {
        future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }
}
