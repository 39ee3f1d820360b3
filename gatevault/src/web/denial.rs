//! How HTTP says no: a status, what the client can do about it, and a body that gives nothing away (RFC 9457).

use super::HttpResponse;
use crate::error::GuardError;

/// Why a request gets no better answer.
#[derive(Debug)]
pub(super) enum Denial {
    Guard(GuardError),
    NotFound,
    /// The methods that there are.
    Method(&'static str),
    TooLarge,
    MediaType,
    Malformed,
    /// It may be the work of somebody else's page.
    Forged,
}

impl Denial {
    fn status(&self) -> u16 {
        match self {
            Self::Guard(denial) => denial.status(),
            Self::Malformed => 400,
            Self::Forged => 403,
            Self::NotFound => 404,
            Self::Method(_) => 405,
            Self::TooLarge => 413,
            Self::MediaType => 415,
        }
    }

    /// The header that says what the client can do about it.
    fn remedy(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Guard(denial) => remedy(denial),
            Self::Method(allowed) => Some(("allow", (*allowed).to_owned())),
            _ => None,
        }
    }
}

impl From<GuardError> for Denial {
    fn from(denial: GuardError) -> Self {
        Self::Guard(denial)
    }
}

impl From<Denial> for HttpResponse {
    fn from(denial: Denial) -> Self {
        problem(denial.status(), denial.remedy())
    }
}

/// The answer of HTTP to a denial: status, challenge or `Retry-After`, and a problem that says no more than they do.
impl From<GuardError> for HttpResponse {
    fn from(denial: GuardError) -> Self {
        Self::from(&denial)
    }
}

/// The same, for a framework that lends its errors.
impl From<&GuardError> for HttpResponse {
    fn from(denial: &GuardError) -> Self {
        problem(denial.status(), remedy(denial))
    }
}

/// The header that says what the client can do about a denial.
pub(super) fn remedy(denial: &GuardError) -> Option<(&'static str, String)> {
    match denial {
        GuardError::TooManyAttempts { retry_after } => {
            Some(("retry-after", retry_after.as_secs().max(1).to_string()))
        }
        _ => Some(("www-authenticate", denial.challenge()?)),
    }
}

fn problem(status: u16, remedy: Option<(&'static str, String)>) -> HttpResponse {
    // RFC 9457 section 4.2.1: a problem without a type of its own has the phrase of its status as its title. In an order that
    // does not depend on what another crate turns on in `serde_json`.
    let body = format!(r#"{{"status":{status},"title":"{}","type":"about:blank"}}"#, phrase(status));
    let answer = HttpResponse::new(status).with_header("content-type", "application/problem+json");
    let answer = HttpResponse { body, ..answer };
    remedy.into_iter().fold(answer, |answer, (name, value)| answer.with_header(name, value))
}

/// RFC 9110 section 15.
fn phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
