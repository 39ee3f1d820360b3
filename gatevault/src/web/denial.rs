//! Denials as responses: a status, a header with the remedy, and a problem document (RFC 9457) with the `error` of OAuth2, which
//! says what the body of a request lacks, and otherwise reveals no reason.

use std::borrow::Cow;

use serde_json::Value;

use super::{DenialDetails, HttpResponse};
use crate::error::{GuardError, HashingError, TokenError};
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
    pub(super) fn status(&self) -> u16 {
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

    pub(super) fn remedy(&self) -> Option<(&'static str, String)> {
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

    /// Returns the OAuth2 error code of a route that takes credentials or a refresh token (RFC 6749 section 5.2).
    pub(super) fn error_code(&self) -> &'static str {
        match self {
            Self::Guard(GuardError::Token(_)) => "invalid_grant",
            Self::Guard(denial) => denial.error_code().unwrap_or(INVALID_REQUEST),
            Self::Forged | Self::Refused(_) => "access_denied",
            _ => INVALID_REQUEST,
        }
    }
}

impl From<GuardError> for Denial {
    fn from(denial: GuardError) -> Self {
        Self::Guard(denial)
    }
}

/// The response of a route that takes credentials or a refresh token.
impl From<Denial> for HttpResponse {
    fn from(denial: Denial) -> Self {
        let description = match &denial {
            Denial::Guard(denial) => description(denial),
            other => other.detail(),
        };
        let error = Some((denial.error_code(), description));
        problem(denial.status(), denial.remedy(), denial.detail().as_deref(), error)
    }
}

/// The response to a denial: its status, its challenge or `Retry-After`, and a problem document with the
/// [`error`](GuardError::error_code) of OAuth2 and its `error_description`. The `detail` says what is wrong with a new password;
/// for all other denials the document reveals no more than the challenge.
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
        let error = denial.error_code().map(|code| (code, description(denial)));
        problem(denial.status(), remedy(denial), password_fault(denial).as_deref(), error)
    }
}

/// Returns the `error_description` of a denial. What the service lacks is in the log only.
pub(super) fn description(denial: &GuardError) -> Option<Cow<'_, str>> {
    match denial {
        GuardError::NotInstalled | GuardError::Config(_) => None,
        GuardError::Password(_) => password_fault(denial),
        GuardError::Token(error) if *error != TokenError::Expired => Some("the token is not valid".into()),
        other => Some(other.to_string().into()),
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

/// Creates the response with a problem document. `error` has the error code of OAuth2 and its description.
fn problem(
    status: u16,
    remedy: Option<(&'static str, String)>,
    detail: Option<&str>,
    error: Option<(&'static str, Option<Cow<'_, str>>)>,
) -> HttpResponse {
    // The title of a problem of type `about:blank` is the phrase of its status (RFC 9457 section 4.2.1). The body is
    // formatted here, because the order of members in `serde_json` depends on the features of other crates.
    let member = |name: &str, value: &str| format!(r#""{name}":{},"#, Value::from(value));
    let mut body = detail.map(|detail| member("detail", detail)).unwrap_or_default();
    let (error, description) = error.map_or((None, None), |(code, text)| (Some(code), text));
    let description = description.map(|text| allowed(&text));
    body += &error.map(|code| member("error", code)).unwrap_or_default();
    body += &description.as_deref().map(|text| member("error_description", text)).unwrap_or_default();
    let body = format!(r#"{{{body}"status":{status},"title":"{}","type":"about:blank"}}"#, phrase(status));
    let detail = detail.map(str::to_owned);
    let response = HttpResponse {
        denial: Some(Box::new(DenialDetails { status, error, description, detail, is_final: false })),
        ..HttpResponse::new(status).with_header("content-type", "application/problem+json").with_body(body)
    };
    remedy.into_iter().fold(response, |response, (name, value)| response.with_header(name, value))
}

/// Replaces the characters that an `error_description` may not have (RFC 6749 section 5.2).
pub(super) fn allowed(text: &str) -> String {
    let is_allowed = |character: char| matches!(character, ' '..='~') && !matches!(character, '"' | '\\');
    text.chars().map(|character| if is_allowed(character) { character } else { '\'' }).collect()
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

const INVALID_REQUEST: &str = "invalid_request";
