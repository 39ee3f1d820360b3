//! The executor of a store: an existing tokio runtime, or a dedicated one.
//!
//! Each operation is a task of its own, spawned when its future is first polled. It makes progress under any executor and
//! under a blocked thread, and it completes even if the caller then drops the future.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

use crate::error::{ConfigError, StoreError};
use crate::future::StoreFuture;

/// A handle to a runtime, and the time limit of an operation.
#[derive(Debug, Clone)]
pub(super) struct Executor {
    handle: Handle,
    limit: Duration,
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
        Box::pin(async move {
            // A tokio timer must be created inside the runtime.
            let task = handle.spawn(async move { timeout(limit, operation).await });
            let finished = task.await.map_err(StoreError::new)?;
            finished.map_err(|_| StoreError::from("the store did not respond in time"))?.map_err(Into::into)
        })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
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
const DEFAULT_LIMIT: Duration = Duration::from_secs(5);
