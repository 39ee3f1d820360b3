//! Navigations of a browser: which requests are one, and how they are redirected.

use super::LocalPath;
use crate::web::routes::{Origin, Sender};
use crate::web::{HttpRequest, HttpResponse};

/// Returns whether a request may be answered with another page: a visit of a page that accepts HTML.
pub(in crate::web) fn wants_page(request: &HttpRequest) -> bool {
    let accepts = |value: &[u8]| {
        let value = String::from_utf8_lossy(value).to_ascii_lowercase();
        value.contains("text/html") || value.contains("application/xhtml+xml")
    };
    request.values("accept").any(accepts) && is_visit(request)
}

/// Returns whether a request is a navigation of a tab by its Fetch Metadata: neither a subresource nor a frame. Without Fetch
/// Metadata, it may be one, unless a page of another origin says that it sent the request.
pub(in crate::web) fn is_visit(request: &HttpRequest) -> bool {
    if METADATA.iter().all(|name| request.values(name).next().is_none()) {
        return Sender::of(request) == Sender::Own;
    }
    request.header("sec-fetch-mode") == Some("navigate")
        && request.header("sec-fetch-dest") == Some("document")
}

const METADATA: [&str; 3] = ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"];

/// Returns whether a request changes nothing on the server: a `GET` or a `HEAD`.
pub(in crate::web) fn is_safe(request: &HttpRequest) -> bool {
    matches!(request.method(), "GET" | "HEAD")
}

/// Returns whether a script of htmx sent the request.
pub(in crate::web) fn is_htmx(request: &HttpRequest) -> bool {
    request.values("hx-request").next().is_some()
}

/// Returns the page that a visitor wants, or that they are on if htmx asks for a part of it.
pub(in crate::web) fn page_of(request: &HttpRequest) -> Option<LocalPath> {
    let has = |name: &str| request.values(name).next().is_some();
    if is_safe(request) && (!is_htmx(request) || has("hx-boosted")) {
        return LocalPath::parse(request.target());
    }
    let (scheme, rest) = request.header("hx-current-url")?.split_once("://")?;
    let (authority, _) = rest.split_at_checked(rest.find(['/', '?', '#'])?)?;
    let origin = Origin::parse(&format!("{scheme}://{authority}"))?;
    request.host().filter(|host| origin.is_at(host))?;
    LocalPath::parse(rest.strip_prefix(authority)?)
}

/// Redirects to another page, which the browser gets with `GET`. A script of htmx does so itself.
pub(in crate::web) fn redirect(request: &HttpRequest, target: &str) -> HttpResponse {
    if is_htmx(request) {
        return HttpResponse::new(204).with_header("hx-redirect", target);
    }
    HttpResponse::new(303).with_header("location", target)
}
