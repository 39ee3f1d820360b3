//! Errors of the routes for OAuth2 clients, as these read them: JSON with `error` and `error_description` (RFC 6749 section 5.2).

use serde_json::json;

use crate::error::{GuardError, InvalidReason, TokenError};
use crate::event::RequestFault;
use crate::web::HttpResponse;
use crate::web::denial::{Denial, allowed, description, remedy};
use crate::web::refusal::malformed;

/// A rejected request of an OAuth2 client.
#[derive(Debug)]
pub(super) enum OAuthError {
    /// The request is wrong, which its client may know.
    Request { code: ErrorCode, description: &'static str },
    /// The client has not authenticated. `realm` is that of the Basic challenge, for a client that used this scheme.
    Client { realm: Option<String>, description: &'static str },
    /// The API key of the client is not valid, which an event has said. `realm` as above.
    Key { realm: Option<String> },
    /// The request is malformed, or what it asks for was denied.
    Denied(Denial),
}

/// The code of an error that has the status 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorCode {
    InvalidRequest,
    InvalidScope,
    UnsupportedGrantType,
}

impl ErrorCode {
    fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => INVALID_SCOPE,
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }
}

impl OAuthError {
    /// Returns the error for a malformed `scope`.
    pub(super) fn malformed_scope() -> Self {
        let description = "the scope is not a list of scopes with one space between them";
        Self::Request { code: ErrorCode::InvalidScope, description }
    }

    /// Emits the event of a request that is wrong. A denial is logged where it is decided.
    fn log(&self, path: &str) {
        let reason = match self {
            Self::Request { description, .. } | Self::Client { description, .. } => description,
            Self::Key { .. } => return,
            Self::Denied(denial) => match fault(denial) {
                Some(fault) => fault,
                None => return,
            },
        };
        malformed(RequestFault::OAuth2, path, reason);
    }

    /// Returns the response to a request for this path, after an event.
    pub(super) fn response(self, path: &str) -> HttpResponse {
        self.log(path);
        match self {
            Self::Request { code, description } => response(400, code.name(), Some(description)),
            Self::Client { realm, description } => invalid_client(realm, description),
            Self::Key { realm } => invalid_client(realm, "the API key is not valid"),
            Self::Denied(Denial::Guard(denial)) => response_to_denial(&denial),
            Self::Denied(denial) => {
                let response = response(denial.status(), denial.error_code(), fault(&denial));
                denial
                    .remedy()
                    .into_iter()
                    .fold(response, |response, (name, value)| response.with_header(name, value))
            }
        }
    }
}

impl From<Denial> for OAuthError {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<GuardError> for OAuthError {
    fn from(denial: GuardError) -> Self {
        Self::Denied(denial.into())
    }
}

/// Returns whether a client requested a scope that it cannot have.
pub(super) fn is_about_scope(denial: &GuardError) -> bool {
    matches!(denial, GuardError::Token(TokenError::Invalid(InvalidReason::ScopeNotGranted)))
}

/// Returns the response to the denial of a login, a refresh or a store.
fn response_to_denial(denial: &GuardError) -> HttpResponse {
    if is_about_scope(denial) {
        return response(400, INVALID_SCOPE, Some("a requested scope is not granted"));
    }
    match denial {
        GuardError::MissingToken | GuardError::Token(_) | GuardError::InvalidCredentials(_) => {
            response(400, "invalid_grant", description(denial).as_deref())
        }
        GuardError::TooManyAttempts { .. } => {
            let (code, description) = (denial.error_code().unwrap_or_default(), description(denial));
            let response = response(denial.status(), code, description.as_deref());
            remedy(denial)
                .into_iter()
                .fold(response, |response, (name, value)| response.with_header(name, value))
        }
        GuardError::Unavailable(_) => {
            let (code, description) = (denial.error_code().unwrap_or_default(), description(denial));
            response(denial.status(), code, description.as_deref()).with_header("retry-after", RETRY_AFTER)
        }
        _ => response(denial.status(), denial.error_code().unwrap_or(SERVER_ERROR), None),
    }
}

/// Returns the response to a client that has not authenticated.
fn invalid_client(realm: Option<String>, description: &str) -> HttpResponse {
    let response = response(401, "invalid_client", Some(description));
    let challenge = realm.map(|realm| format!(r#"Basic realm="{realm}""#));
    challenge
        .into_iter()
        .fold(response, |response, challenge| response.with_header("www-authenticate", challenge))
}

/// Returns what is wrong with the body of a request.
fn fault(denial: &Denial) -> Option<&str> {
    match denial {
        Denial::MediaType => Some("the content type is not `application/x-www-form-urlencoded`"),
        denial => denial.body_fault(),
    }
}

fn response(status: u16, code: &'static str, description: Option<&str>) -> HttpResponse {
    let mut body = json!({ "error": code });
    if let (Some(description), Some(members)) = (description, body.as_object_mut()) {
        members.insert("error_description".to_owned(), allowed(description).into());
    }
    HttpResponse::json(status, &body)
}

const INVALID_SCOPE: &str = "invalid_scope";
const SERVER_ERROR: &str = "server_error";

/// The seconds after which a client may repeat a request that a store could not answer.
const RETRY_AFTER: &str = "5";
