//! The page of the links in mails. It is the same for every link, and fetching it uses nothing up.

use axum::http::header;
use axum::response::IntoResponse;

pub(crate) fn link() -> impl IntoResponse + Clone {
    page("text/html; charset=utf-8", include_str!("../page/link.html"))
}

pub(crate) fn script() -> impl IntoResponse + Clone {
    page("text/javascript; charset=utf-8", include_str!("../page/link.js"))
}

fn page(kind: &'static str, body: &'static str) -> impl IntoResponse + Clone {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // No other site shows the page in a frame, where a visitor would click without seeing it.
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, body)
}

const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";
