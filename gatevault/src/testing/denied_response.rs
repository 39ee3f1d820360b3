//! Responses as outcomes of `assert_denied!`.

use http::header::WWW_AUTHENTICATE;
use serde_json::Value;

use super::denial_kind::{DenialKind, parameter};
use super::denied::{DeniedOutcome, Observed};
use crate::error::{GuardError, TokenError};
use crate::web::HttpResponse;

/// The form of a response, which distinguishes the implementations of [`DeniedOutcome`].
#[derive(Debug)]
pub struct OfResponse;

/// Has the kind that its status, its challenge and its problem document show.
impl DeniedOutcome<OfResponse> for HttpResponse {
    fn observe(&self) -> Observed {
        observe(self.status, self.header("www-authenticate"), Some(self.body.as_bytes()), &self.body)
    }
}

/// Has the kind that its status and its challenge show. The body is not read: a login with wrong credentials has no kind here.
impl<B> DeniedOutcome<OfResponse> for http::Response<B> {
    fn observe(&self) -> Observed {
        let challenge = self.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        observe(self.status().as_u16(), challenge, None, "not read")
    }
}

/// Returns what a response shows. `body` is `None` if it cannot be read.
pub(super) fn observe(status: u16, challenge: Option<&str>, body: Option<&[u8]>, shown: &str) -> Observed {
    let error = body.and_then(error_of);
    let kind = kind_of(status, challenge, error.as_deref());
    let challenge = challenge.unwrap_or("none");
    Observed { kind, shown: format!("the status {status}, the challenge `{challenge}`, the body `{shown}`") }
}

/// Returns the kind of a response. `error` is the one of the problem document, if there is one.
fn kind_of(status: u16, challenge: Option<&str>, error: Option<&str>) -> Option<DenialKind> {
    match (status, challenge) {
        (401, Some(challenge)) => of_challenge(challenge, error),
        // A step-up is 401.
        (403, challenge) => Some(DenialKind::of_challenge(challenge.unwrap_or_default()))
            .filter(|kind| *kind != DenialKind::StepUp),
        (429, _) => Some(DenialKind::TooManyAttempts),
        (503, _) => Some(DenialKind::Unavailable),
        _ => None,
    }
}

fn of_challenge(challenge: &str, error: Option<&str>) -> Option<DenialKind> {
    let is_ours = challenge == "Bearer" || challenge.starts_with("Bearer ");
    match parameter(challenge, "error") {
        Some("invalid_token") if parameter(challenge, "error_description") == Some(&expired()) => {
            Some(DenialKind::Expired)
        }
        Some("invalid_token") => Some(DenialKind::InvalidToken),
        Some("insufficient_user_authentication") => Some(DenialKind::StepUp),
        None if is_ours && error == Some("invalid_grant") => Some(DenialKind::WrongCredentials),
        None if is_ours => Some(DenialKind::MissingToken),
        _ => None,
    }
}

fn expired() -> String {
    GuardError::Token(TokenError::Expired).to_string()
}

/// Returns the member `error` of a problem document.
fn error_of(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    Some(document.get("error")?.as_str()?.to_owned())
}
