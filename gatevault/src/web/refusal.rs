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

/// Returns the event of a request whose CSRF token is missing or wrong, which names no user yet.
pub(super) fn without_csrf_token(fault: RequestFault, path: Option<&str>) -> Event {
    event(fault, [path, None, None, None])
}

fn emit(fault: RequestFault, texts: [Option<&str>; 4]) {
    event(fault, texts).emit();
}

fn event(fault: RequestFault, [path, origin, host, reason]: [Option<&str>; 4]) -> Event {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let (path, origin) = (owned(path), owned(origin));
    let (host, reason) = (owned(host), owned(reason));
    Event::new(Decision::RequestRefused { fault, path, origin, host, reason })
}
