//! Denials as responses: a status, a header with the remedy, and a problem document (RFC 9457)
//! that says what the body of a request lacks, and otherwise reveals no reason.

use serde_json::Value;

use super::HttpResponse;
use crate::error::GuardError;
use crate::guard::OnDenied;

/// A rejected request.
#[derive(Debug)]
pub(super) enum Denial {
    /// A guard, a login or a refresh denied it.
    Guard(GuardError),
    NotFound,
    /// The route has these methods only.
    Method(&'static str),
    TooLarge,
    MediaType,
    /// The body lacks something, which the string names. It holds nothing that the client sent.
    Malformed(String),
    /// The CSRF check failed, or the page that sent the request may not.
    Forged,
}

impl Denial {
    fn status(&self) -> u16 {
        match self {
            Self::Guard(denial) => denial.status(),
            Self::Malformed(_) => 400,
            Self::Forged => 403,
            Self::NotFound => 404,
            Self::Method(_) => 405,
            Self::TooLarge => 413,
            Self::MediaType => 415,
        }
    }

    fn remedy(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Guard(denial) => remedy(denial),
            Self::Method(allowed) => Some(("allow", (*allowed).to_owned())),
            _ => None,
        }
    }

    /// Returns whether another login helps: the session is over, or the request does not show whose it is.
    pub(super) fn is_about_credentials(&self) -> bool {
        matches!(self, Self::Forged) || self.status() == 401
    }

    /// Returns what is wrong with the body of the request, for the client and the log.
    pub(super) fn body_fault(&self) -> Option<&str> {
        match self {
            Self::Malformed(fault) => Some(fault),
            Self::MediaType => {
                Some("the content type is neither `application/json` nor `application/x-www-form-urlencoded`")
            }
            Self::TooLarge => Some("the body is too large or was cut off"),
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
        problem(denial.status(), denial.remedy(), denial.body_fault())
    }
}

/// The response to a denial: its status, its challenge or `Retry-After`, and a problem document that adds nothing to them.
impl From<GuardError> for HttpResponse {
    fn from(denial: GuardError) -> Self {
        Self::from(&denial)
    }
}

/// The denial as a response.
impl OnDenied for HttpResponse {
    fn on_denied(denial: GuardError) -> Self {
        denial.into()
    }
}

/// The response to a denial, for a framework that passes errors by reference.
impl From<&GuardError> for HttpResponse {
    fn from(denial: &GuardError) -> Self {
        problem(denial.status(), remedy(denial), None)
    }
}

/// Returns the header with the remedy for a denial, a challenge or the time to wait, as a name and a value.
pub(super) fn remedy(denial: &GuardError) -> Option<(&'static str, String)> {
    match denial {
        GuardError::TooManyAttempts { retry_after } => {
            Some(("retry-after", retry_after.as_secs().max(1).to_string()))
        }
        _ => Some(("www-authenticate", denial.challenge()?)),
    }
}

fn problem(status: u16, remedy: Option<(&'static str, String)>, detail: Option<&str>) -> HttpResponse {
    // The title of a problem of type `about:blank` is the phrase of its status (RFC 9457 section 4.2.1). The body is
    // formatted here, because the order of members in `serde_json` depends on the features of other crates.
    let detail = detail.map(|detail| format!(r#""detail":{},"#, Value::from(detail))).unwrap_or_default();
    let body = format!(r#"{{{detail}"status":{status},"title":"{}","type":"about:blank"}}"#, phrase(status));
    let response =
        HttpResponse::new(status).with_header("content-type", "application/problem+json").with_body(body);
    remedy.into_iter().fold(response, |response, (name, value)| response.with_header(name, value))
}

/// Returns the reason phrase of a status (RFC 9110 section 15).
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
