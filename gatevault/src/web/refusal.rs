//! The events of requests that are refused before their credentials are verified.

use super::HttpRequest;
use crate::error::excerpt;
use crate::event::{Decision, Event, RequestFault};

/// Emits the event of a refused request.
pub(super) fn refused(fault: RequestFault, request: &HttpRequest) {
    emit(fault, [Some(request.path()), None, None, None]);
}

/// Emits the event of a request that is refused because of the page that sent it.
pub(super) fn refused_sender(fault: RequestFault, request: &HttpRequest) {
    let origin = request.header("origin").map(excerpt);
    let host = request.host().map(excerpt).filter(|_| fault == RequestFault::AnotherOrigin);
    emit(fault, [Some(request.path()), origin.as_deref(), host.as_deref(), None]);
}

/// Emits the event of a request that is malformed, or whose client is refused.
pub(super) fn malformed(fault: RequestFault, path: &str, reason: &str) {
    emit(fault, [Some(path), None, None, Some(reason)]);
}

/// Emits the event of a form of a page without a valid CSRF token.
pub(super) fn form_refused() {
    emit(RequestFault::FormCsrfToken, [None; 4]);
}

fn emit(fault: RequestFault, [path, origin, host, reason]: [Option<&str>; 4]) {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let (path, origin) = (owned(path), owned(origin));
    let (host, reason) = (owned(host), owned(reason));
    Event::new(Decision::RequestRefused { fault, path, origin, host, reason }).emit();
}
