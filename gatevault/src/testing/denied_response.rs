//! Responses as outcomes of `assert_denied!`.

use http::header::WWW_AUTHENTICATE;
use serde_json::Value;

use super::denial_kind::{DenialKind, parameter};
use super::denied::{DeniedOutcome, Observed};
use crate::error::{GuardError, TokenError};
use crate::web::{DenialDetails, HttpResponse};

/// The form of a response, which distinguishes the implementations of [`DeniedOutcome`].
#[derive(Debug)]
pub struct OfResponse;

/// Has the kind that its status, its challenge and its problem document show.
impl DeniedOutcome<OfResponse> for HttpResponse {
    fn observe(&self) -> Observed {
        let bare = self.denial.as_deref().map_or_else(|| bare_of_body(self.body.as_bytes()), bare_of_details);
        observe(self.status, self.header("www-authenticate"), Some(bare), &self.body)
    }
}

/// Has the kind that its status, its challenge and the [`DenialDetails`] in its extensions show. The body is not read: in a
/// response without the details, such as one from a socket, wrong credentials count as a missing token.
impl<B> DeniedOutcome<OfResponse> for http::Response<B> {
    fn observe(&self) -> Observed {
        let challenge = self.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let bare = self.extensions().get().map_or(DenialKind::MissingToken, bare_of_details);
        observe(self.status().as_u16(), challenge, Some(bare), UNREAD)
    }
}

const UNREAD: &str = "not read: pass the response of a `testing::browser` or an `HttpResponse` if it decides";

/// Returns the kind of a challenge without an error, from the details of the denial.
pub(super) fn bare_of_details(details: &DenialDetails) -> DenialKind {
    bare_of_error(details.error())
}

/// Returns the kind of a challenge without an error, from the problem document. A body without the member `error`, such as one of
/// the application's own, is that of a missing token.
pub(super) fn bare_of_body(body: &[u8]) -> DenialKind {
    bare_of_error(error_of(body).as_deref())
}

fn bare_of_error(error: Option<&str>) -> DenialKind {
    if error == Some("invalid_grant") { DenialKind::WrongCredentials } else { DenialKind::MissingToken }
}

/// Returns what a response shows. `bare` is the kind of a challenge without an error.
pub(super) fn observe(
    status: u16,
    challenge: Option<&str>,
    bare: Option<DenialKind>,
    shown: &str,
) -> Observed {
    let kind = kind_of(status, challenge, bare);
    let challenge = challenge.unwrap_or("none");
    Observed { kind, shown: format!("the status {status}, the challenge `{challenge}`, the body `{shown}`") }
}

/// Returns the kind of a response. `bare` is the kind of a challenge without an error.
pub(super) fn kind_of(status: u16, challenge: Option<&str>, bare: Option<DenialKind>) -> Option<DenialKind> {
    match (status, challenge) {
        (401, Some(challenge)) => of_challenge(challenge, bare),
        // A step-up is 401.
        (403, challenge) => Some(DenialKind::of_challenge(challenge.unwrap_or_default()))
            .filter(|kind| *kind != DenialKind::StepUp),
        (429, _) => Some(DenialKind::TooManyAttempts),
        (503, _) => Some(DenialKind::Unavailable),
        _ => None,
    }
}

fn of_challenge(challenge: &str, bare: Option<DenialKind>) -> Option<DenialKind> {
    let is_ours = challenge == "Bearer" || challenge.starts_with("Bearer ");
    match parameter(challenge, "error") {
        Some("invalid_token") if parameter(challenge, "error_description") == Some(&expired()) => {
            Some(DenialKind::Expired)
        }
        Some("invalid_token") => Some(DenialKind::InvalidToken),
        Some("insufficient_user_authentication") => Some(DenialKind::StepUp),
        None if is_ours => bare,
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
