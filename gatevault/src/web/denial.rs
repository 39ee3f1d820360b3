//! Denials as responses: a status, a header with the remedy, and a problem document (RFC 9457)
//! that says what the body of a request lacks, and otherwise reveals no reason.

use std::borrow::Cow;

use serde_json::Value;

use super::HttpResponse;
use crate::error::{GuardError, HashingError};
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
    /// The request is understood and refused, for a reason that is the client's own to know.
    Refused(&'static str),
    /// The request contradicts what is stored.
    Conflict(&'static str),
    /// A field of the body has a value that cannot be stored.
    Unprocessable(&'static str),
}

impl Denial {
    fn status(&self) -> u16 {
        match self {
            Self::Guard(denial) => denial.status(),
            Self::Malformed(_) => 400,
            Self::Forged | Self::Refused(_) => 403,
            Self::NotFound => 404,
            Self::Method(_) => 405,
            Self::TooLarge => 413,
            Self::Conflict(_) => 409,
            Self::MediaType => 415,
            Self::Unprocessable(_) => 422,
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
            Self::Unprocessable(fault) => Some(fault),
            _ => None,
        }
    }

    /// Returns the `detail` of the problem document: what the client may know of its own input.
    fn detail(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Guard(denial) => password_fault(denial),
            Self::Refused(detail) | Self::Conflict(detail) => Some((*detail).into()),
            _ => self.body_fault().map(Into::into),
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
        problem(denial.status(), denial.remedy(), denial.detail().as_deref())
    }
}

/// The response to a denial: its status, its challenge or `Retry-After`, and a problem document. Its `detail` says what is wrong
/// with a new password; for all other denials the document adds nothing to the status.
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
        problem(denial.status(), remedy(denial), password_fault(denial).as_deref())
    }
}

/// Returns what is wrong with a new password, for the client that chose it.
fn password_fault(denial: &GuardError) -> Option<Cow<'_, str>> {
    let GuardError::Password(error) = denial else { return None };
    Some(match error {
        HashingError::TooLong { bytes, limit } => {
            format!("the password has {bytes} bytes and may have {limit} at most").into()
        }
        HashingError::ContainsNul => "the password contains a NUL character".into(),
        other => other.to_string().into(),
    })
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
        409 => "Conflict",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
