//! Where hashing runs when nobody may wait for it on the executor: tokio's blocking pool, and of it no
//! more threads at once than the machine has processors. Callers beyond these wait, and of them a bounded number.
//!
//! Without the first bound, a login storm would start hundreds of threads that slow each other down, take
//! the pool away from file access and name lookups, and each fill the memory that its hashing asks for.
//! Without the second, it would fill the memory with callers whose clients have long given up.

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::HashingError;

/// Runs `work` on the process-wide pool, when its turn comes.
pub(super) async fn run<T, W>(work: W) -> Result<T, HashingError>
where
    T: Send + 'static,
    W: FnOnce() -> T + Send + 'static,
{
    PROCESS_WIDE.run(work).await
}

/// Two bounds: on what runs, and on what runs or waits to.
struct Pool {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Pool {
    fn new(running: usize, waiting: usize) -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { turns: semaphore(running), places: semaphore(running.saturating_add(waiting)) }
    }

    async fn run<T, W>(&self, work: W) -> Result<T, HashingError>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| HashingError::PoolUnavailable)?;
        let permits = self.admit().await?;
        let task = runtime.spawn_blocking(move || {
            // Work that has begun cannot be cancelled: when the caller is gone, it still counts.
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

    /// A place at once or never, then a turn. The place is kept to the end, so that one count bounds what runs
    /// and what waits, and no caller is between the two.
    async fn admit(&self) -> Result<[OwnedSemaphorePermit; 2], HashingError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| HashingError::Busy)?;
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.map_err(|_| HashingError::PoolUnavailable)?;
        Ok([turn, place])
    }
}

/// At a quarter of a second for a hash, the last in the queue waits eight: about as long as its client does.
const WAITING_PER_PROCESSOR: usize = 32;

static PROCESS_WIDE: LazyLock<Pool> = LazyLock::new(|| {
    let processors = available_parallelism().map_or(1, Into::into);
    Pool::new(processors, processors.saturating_mul(WAITING_PER_PROCESSOR))
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
    fn no_more_work_runs_at_once_than_there_are_turns() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static PEAK: AtomicUsize = AtomicUsize::new(0);
        let (runtime, pool) = (runtime(), Arc::new(Pool::new(3, 50)));
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
        let worker = runtime().block_on(Pool::new(1, 0).run(|| thread::current().id())).unwrap();
        assert_ne!(worker, thread::current().id());
    }

    #[test]
    fn of_a_burst_from_many_threads_exactly_those_without_a_place_are_refused() {
        let runtime = runtime();
        for (running, waiting) in [(1, 0), (1, 1), (2, 5), (3, 64)] {
            let (pool, gate) = (Arc::new(Pool::new(running, waiting)), Arc::new(Gate::default()));
            let closed = Arc::clone(&gate);
            let callers = burst(&runtime, &pool, running + waiting + 40, move || closed.pass());
            // Those without a place are refused at once, while all the others are held up.
            while callers.iter().filter(|caller| caller.is_finished()).count() < 40 {
                thread::yield_now();
            }
            assert_eq!(pool.places.available_permits(), 0);
            gate.open();
            assert_eq!(refusals(callers), 40, "{running} running, {waiting} waiting");
            assert!(is_idle(&pool, running, waiting));
        }
    }

    #[test]
    fn work_whose_caller_is_gone_keeps_its_turn_and_its_place_until_it_ends() {
        let (pool, gate) = (Pool::new(1, 0), Arc::new(Gate::default()));
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
    fn a_waiting_caller_that_is_dropped_frees_its_place() {
        let pool = Pool::new(1, 1);
        runtime().block_on(async {
            let busy = pool.admit().await.unwrap();
            for _ in 0..100 {
                let mut waiting = pin!(pool.run(|| 7));
                assert!(is_pending(waiting.as_mut()));
                assert!(matches!(pool.run(|| 7).await, Err(HashingError::Busy)));
            }
            start_and_drop(pool.run(|| panic!("its caller left before its turn")));
            drop(busy);
            assert_eq!(pool.run(|| 7).await.unwrap(), 7);
        });
        assert!(is_idle(&pool, 1, 1));
    }

    #[test]
    fn work_that_panics_is_an_error_and_gives_its_turn_back() {
        let pool = Pool::new(1, 0);
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

    /// As many callers, each on a thread of its own and all at once.
    fn burst(
        runtime: &Runtime,
        pool: &Arc<Pool>,
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

    fn is_idle(pool: &Pool, running: usize, waiting: usize) -> bool {
        let places = pool.places.available_permits();
        pool.turns.available_permits() == running && places.checked_sub(running) == Some(waiting)
    }

    fn start_and_drop<T>(future: impl Future<Output = T>) {
        assert!(is_pending(pin!(future)));
    }

    fn is_pending<T>(future: Pin<&mut impl Future<Output = T>>) -> bool {
        future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }
}
