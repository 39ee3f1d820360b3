//! The messages of requests that are refused before their credentials are verified.

use tracing::field::debug;

use super::super::{Decision, Event, RequestFault};

/// Writes the refusal of a request.
pub(super) fn write(event: &Event) {
    let Decision::RequestRefused { fault, path, origin, host, reason } = &event.decision else { return };
    let path = path.as_ref().map(debug);
    let origin = origin.as_ref().map(debug);
    let host = host.as_ref().map(debug);
    match fault {
        RequestFault::CsrfToken => {
            log!(info, event, "request refused: CSRF token missing or wrong", path);
        }
        RequestFault::FormCsrfToken => {
            log!(info, event, "form refused: CSRF token missing or wrong");
        }
        RequestFault::NoNavigation => {
            tracing::info!(target: "gatevault", path, "request refused: no navigation");
        }
        RequestFault::PageOfAnotherHost => {
            tracing::info!(target: "gatevault", path, origin, "page refused: request of another host");
        }
        RequestFault::CrossSite => {
            tracing::info!(target: "gatevault", path, origin, "request refused: cross-site");
        }
        RequestFault::FormOfAnotherHost => {
            tracing::info!(target: "gatevault", path, origin, "request refused: form of another host");
        }
        RequestFault::AnotherOrigin => {
            tracing::info!(target: "gatevault", path, origin, host, "request refused: origin differs from the host");
        }
        RequestFault::TooManyCookies => {
            tracing::info!(target: "gatevault", path, "request refused: too many refresh cookies");
        }
        RequestFault::Malformed => {
            tracing::info!(target: "gatevault", path, reason, "request refused: malformed body");
        }
        RequestFault::OAuth2 => tracing::info!(target: "gatevault", path, reason, "OAuth2 request refused"),
    }
}
