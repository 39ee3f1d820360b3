//! The async form of the routes.

use super::AuthRoutes;
use crate::login::{Awaiting, UserStore};
use crate::web::{HttpRequest, HttpResponse};

impl<S: UserStore> AuthRoutes<S> {
    /// Responds to a request. Pass `None` as `body` if the body has more than [`BODY_LIMIT`](Self::BODY_LIMIT) bytes.
    pub async fn async_respond(&self, request: &HttpRequest, body: Option<&[u8]>) -> HttpResponse {
        self.response_to::<Awaiting>(request, body).await
    }
}
