//! The page: files compiled into the program, served with a content security policy that allows nothing else.

use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderValue, header};

pub(crate) fn routes() -> Router {
    FILES.iter().fold(Router::new(), |router, &(path, media_type, text)| {
        router.route(path, get(async move || ([(header::CONTENT_TYPE, media_type)], text).into_response()))
    })
}

const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("../page/index.html")),
    ("/style.css", CSS, include_str!("../page/style.css")),
    ("/parts.css", CSS, include_str!("../page/parts.css")),
    ("/app.js", SCRIPT, include_str!("../page/app.js")),
    ("/client.js", SCRIPT, include_str!("../page/client.js")),
    ("/dom.js", SCRIPT, include_str!("../page/dom.js")),
    ("/functions.js", SCRIPT, include_str!("../page/functions.js")),
    ("/log.js", SCRIPT, include_str!("../page/log.js")),
    ("/passkey.js", SCRIPT, include_str!("../page/passkey.js")),
    ("/keys.js", SCRIPT, include_str!("../page/keys.js")),
    ("/devices.js", SCRIPT, include_str!("../page/devices.js")),
    ("/theft.js", SCRIPT, include_str!("../page/theft.js")),
    ("/throttle.js", SCRIPT, include_str!("../page/throttle.js")),
    ("/icon.svg", "image/svg+xml", include_str!("../page/icon.svg")),
];

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Adds the security headers: the page may load its own files and nothing else.
pub(crate) async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
