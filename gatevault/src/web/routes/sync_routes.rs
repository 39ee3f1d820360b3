//! The routes on the calling thread.

use super::AuthRoutes;
use crate::error::GuardError;
use crate::login::{AuthUser, SyncLookup, wait};
use crate::web::{HttpRequest, HttpResponse};

impl<U: AuthUser> AuthRoutes<SyncLookup<U>> {
    /// Answers a call; `body` is `None` where it has more than [`BODY_LIMIT`](Self::BODY_LIMIT) bytes.
    #[must_use]
    pub fn respond(&self, call: &HttpRequest, body: Option<&[u8]>) -> HttpResponse {
        let answer = async { Ok::<_, GuardError>(self.answer(call, body).await) };
        wait(answer).unwrap_or_else(HttpResponse::from)
    }
}
