//! The routes without blocking the executor.

use super::AuthRoutes;
use crate::login::{AsyncLookup, AuthUser};
use crate::web::{HttpRequest, HttpResponse};

impl<U: AuthUser + Send + Sync + 'static> AuthRoutes<AsyncLookup<U>> {
    /// Answers a call; `body` is `None` where it has more than [`BODY_LIMIT`](Self::BODY_LIMIT) bytes.
    pub async fn async_respond(&self, call: &HttpRequest, body: Option<&[u8]>) -> HttpResponse {
        self.answer(call, body).await
    }
}
