//! The application of a test, started at its first request.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use http::{Request, Response};
use tokio::sync::OnceCell;

use super::TestApp;
use crate::error::BoxError;

/// An application that several browsers call.
pub(super) struct RunningApp<A: TestApp> {
    /// `None` once it has started, or failed to.
    unstarted: Mutex<Option<A>>,
    running: OnceCell<A::Running>,
}

impl<A: TestApp> RunningApp<A> {
    pub(super) fn new(app: A) -> Self {
        Self { unstarted: Mutex::new(Some(app)), running: OnceCell::new() }
    }

    /// Sends a request to the application, which starts if it is the first one.
    pub(super) async fn respond(
        &self,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        let start = || async {
            let app = self.unstarted.lock().unwrap_or_else(PoisonError::into_inner).take();
            app.ok_or("the application failed to start before")?.start().await
        };
        A::respond(self.running.get_or_try_init(start).await?, request, peer).await
    }
}
