//! The responses of the server, and whether a client has recognized them.

use std::fmt;

use serde_json::{Value, json};

/// What a client must make of a response.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome {
    /// The metadata, with the endpoints.
    Metadata,
    /// The issuer of an access token.
    Verified,
    /// A token for this scope.
    Token(Option<&'static str>),
    /// A response with the status 200 and this body.
    Done(&'static str),
    /// The response of a framework without a route: 404, without a body.
    NoRoute,
    /// A response with this status, whose code is that of the body or of the challenge.
    Refused { status: u16, code: &'static str },
}

impl Outcome {
    /// Returns whether the client recognized the response: a denial by its code, in the error or in the response that the error
    /// has, or at least by its status.
    pub(crate) fn is_recognized_in(self, response: &Value) -> bool {
        if response["absent"] == true {
            return true;
        }
        let is_raised = response["raised"].is_string();
        let token = &response["token"];
        match self {
            Self::Metadata => {
                let endpoint = |name: &str, end: &str| {
                    response["metadata"][name].as_str().is_some_and(|url| url.ends_with(end))
                };
                endpoint("token_endpoint", "/auth/token") && endpoint("revocation_endpoint", "/auth/revoke")
            }
            Self::Verified => response["issuer"].is_string(),
            Self::Token(scope) => token["access_token"].is_string() && scope_of(token).as_deref() == scope,
            Self::Done(body) => response["status"] == 200 && response["body"] == body && !is_raised,
            Self::NoRoute => is_raised && token.is_null(),
            Self::Refused { status, code } if token.is_null() => {
                let codes: Vec<_> =
                    ["code", "code_in_body"].iter().filter_map(|name| response[name].as_str()).collect();
                let is_known = if codes.is_empty() { response["status"] == status } else { is_raised };
                is_known && codes.iter().all(|found| *found == code)
            }
            Self::Refused { .. } => false,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata | Self::Token(_) | Self::Done(_) => f.write_str("200"),
            Self::Verified => f.write_str("-"),
            Self::NoRoute => f.write_str("404"),
            Self::Refused { status, code } => write!(f, "{status} `{code}`"),
        }
    }
}

/// Returns the scope of a token, which some clients split into a list.
pub(crate) fn scope_of(token: &Value) -> Option<String> {
    match &token["scope"] {
        Value::Array(scopes) => Some(scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        scope => scope.as_str().map(str::to_owned),
    }
}

/// The fault that the matrix is there for: a client returns the document of an error as if it was a token.
#[test]
fn an_error_that_is_returned_as_a_token_is_found() {
    let refused = Outcome::Refused { status: 400, code: "invalid_grant" };
    for (response, is_recognized) in [
        (json!({"token": {"error": "invalid_grant"}}), false),
        (json!({"token": {"title": "Bad Request"}}), false),
        (json!({"raised": "OAuthError", "code": "invalid_request"}), false),
        (json!({"raised": "KeyError", "text": "access_token"}), false),
        (json!({"raised": "OAuthError", "code": "invalid_grant"}), true),
        (json!({"raised": "HTTPError", "code": null, "status": 400}), true),
        (json!({"raised": "HTTPError", "code": null, "status": 503}), false),
        (json!({"raised": "HTTPError", "code_in_body": "invalid_grant", "status": 400}), true),
        (json!({"raised": "HTTPError", "code_in_body": "invalid_token", "status": 400}), false),
        (json!({"status": 400, "body": "{}"}), true),
        (json!({"status": 200, "body": "{}"}), false),
    ] {
        assert_eq!(refused.is_recognized_in(&response), is_recognized, "{response}");
    }
}
