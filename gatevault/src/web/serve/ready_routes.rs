//! Ready-made routes, in the form in which every framework mounts them.

use crate::login::UserStore;
use crate::web::denial::Denial;
use crate::web::{AuthRoutes, HttpRequest, HttpResponse, ProtectedResource};

/// Routes with a response to every request.
pub(in crate::web) trait ReadyRoutes: Clone + Send + Sync + 'static {
    /// The number of bytes of a body that are read at most.
    const BODY_LIMIT: usize;

    /// Returns the paths. `id` is the framework's notation for a parameter of one segment.
    fn paths(&self, id: &str) -> Vec<String>;

    /// Returns whether one of the routes has this path.
    fn has(&self, path: &str) -> bool;

    /// Responds to a request. `body` is `None` if the body exceeds the limit.
    fn async_response(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> impl Future<Output = HttpResponse> + Send;
}

impl<S: UserStore> ReadyRoutes for AuthRoutes<S> {
    const BODY_LIMIT: usize = Self::BODY_LIMIT;

    fn paths(&self, id: &str) -> Vec<String> {
        Self::paths(self, id)
    }

    fn has(&self, path: &str) -> bool {
        Self::has(self, path)
    }

    fn async_response(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> impl Future<Output = HttpResponse> + Send {
        self.async_respond(request, body)
    }
}

impl ReadyRoutes for ProtectedResource {
    const BODY_LIMIT: usize = 0;

    fn paths(&self, _: &str) -> Vec<String> {
        vec![self.path().to_owned()]
    }

    fn has(&self, path: &str) -> bool {
        self.path() == path
    }

    async fn async_response(&self, request: &HttpRequest, _: Option<&[u8]>) -> HttpResponse {
        self.respond(request).unwrap_or_else(|| Denial::NotFound.into())
    }
}
