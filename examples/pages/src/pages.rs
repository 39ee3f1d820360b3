//! The pages that every visitor may see, and the headers of all pages.

use askama::Template;
use axum::extract::{Query, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{Html, Redirect, Response};
use serde::Deserialize;

use crate::error::AppError;

/// What the routes of the login add to the address of the page.
#[derive(Deserialize)]
pub(crate) struct Reason {
    /// Sent back with the form. The routes lead to a path of this host only.
    next: Option<String>,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    next: Option<String>,
    message: Option<&'static str>,
}

pub(crate) async fn login(Query(reason): Query<Reason>) -> Result<Html<String>, AppError> {
    let message = match reason.error.as_deref() {
        None => None,
        Some("attempts") => Some("Too many attempts. Please try again later."),
        Some(_) => Some("The name or the password is wrong."),
    };
    Ok(Html(LoginPage { next: reason.next, message }.render()?))
}

pub(crate) async fn home() -> Redirect {
    Redirect::to("/notes")
}

pub(crate) async fn style() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../templates/style.css"))
}

pub(crate) async fn script() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../templates/fresh.js"))
}

/// Adds headers: no cache keeps a page, none is shown in a frame, and no other site learns its address.
pub(crate) async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
        ),
        (REFERRER_POLICY, "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
