//! Where the work of a store runs: on a tokio runtime that is there, or on one of its own.
//!
//! Each piece of work is a task: it gets on whoever waits for it, an executor of any kind or a plain thread, and goes on to
//! its end when nobody does any more.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

use crate::error::{BoxError, ConfigError};
use crate::future::StoreFuture;

/// A place for tasks, and how long one may take.
#[derive(Debug, Clone)]
pub(super) struct Executor {
    handle: Handle,
    limit: Duration,
    /// Where it was made for this: it ends with the last clone.
    _own: Option<Arc<OwnRuntime>>,
}

impl Executor {
    /// The runtime that this is called from.
    pub(super) fn current() -> Result<Self, ConfigError> {
        let handle = Handle::try_current().map_err(|_| ConfigError::NoRuntime)?;
        Ok(Self { handle, limit: LIMIT, _own: None })
    }

    /// A runtime of one thread, for programs that have none.
    pub(super) fn own() -> Result<Self, ConfigError> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("gatevault-sessions").enable_all();
        let runtime = builder.build().map_err(|_| ConfigError::NoThread)?;
        let handle = runtime.handle().clone();
        Ok(Self { handle, limit: LIMIT, _own: Some(Arc::new(OwnRuntime(Some(runtime)))) })
    }

    /// The same place, where a piece of work may take so long.
    pub(super) fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Runs the work to its end or to the limit, whether or not the future is polled to its end.
    pub(super) fn run<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> StoreFuture<'static, T>
    where
        T: Send + 'static,
        E: Into<BoxError> + Send + 'static,
    {
        let (handle, limit) = (self.handle().clone(), self.limit);
        Box::pin(async move {
            // The timer wants to be made inside of the runtime.
            let task = handle.spawn(async move { timeout(limit, work).await });
            task.await?.map_err(|_| BoxError::from("the store did not answer in time"))?.map_err(Into::into)
        })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

/// Dropped from within an executor, a runtime must not wait for its tasks.
#[derive(Debug)]
struct OwnRuntime(Option<Runtime>);

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Unless a store is told otherwise.
const LIMIT: Duration = Duration::from_secs(5);
