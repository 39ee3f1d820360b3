//! An HTTP response without the types of any framework.

use std::fmt;

use serde_json::Value;

use super::DenialDetails;

/// An HTTP response: a status, headers with names in lower case, and a body.
///
/// A [`GuardError`](crate::GuardError) converts into one, and [`AuthRoutes`](crate::AuthRoutes) returns one. It converts
/// into an `http::Response` with `into()`. `Debug` shows neither header values nor the body, because they contain tokens.
///
/// # Examples
///
/// ```
/// use gatevault::{GuardError, web::HttpResponse};
///
/// let response = HttpResponse::from(GuardError::MissingToken);
/// assert_eq!(response.status, 401);
/// assert_eq!(response.header("www-authenticate"), Some("Bearer"));
/// assert_eq!(response.body, r#"{"status":401,"title":"Unauthorized","type":"about:blank"}"#);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values. A name may be there twice.
    pub headers: Vec<(&'static str, String)>,
    /// The body. It is empty in a response without one.
    pub body: String,
    /// The details of the response to a denial.
    pub(crate) denial: Option<Box<DenialDetails>>,
}

impl HttpResponse {
    /// Creates a response with `Cache-Control: no-store`, the safe default for responses about tokens, and without a body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        let headers = vec![("cache-control", "no-store".to_owned())];
        Self { status, headers, body: String::new(), denial: None }
    }

    /// Creates a response with a JSON body, which no cache stores.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(status).with_header("content-type", "application/json").with_body(body.to_string())
    }

    /// Creates a response with a public document, which caches keep for some minutes.
    pub(super) fn cacheable(media_type: &str, body: String) -> Self {
        let headers = [("cache-control", "public, max-age=300"), ("content-type", media_type)];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).into();
        Self { headers, body, ..Self::new(200) }
    }

    /// Adds a header; `name` is in lower case.
    ///
    /// A framework's response leaves out a value that no header can hold, such as one with a line break.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(self, body: impl Into<String>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Replaces the challenges, if there are any.
    pub(super) fn edit_challenge(&mut self, edit: impl Fn(&str) -> String) {
        let challenges = self.headers.iter_mut().filter(|(name, _)| *name == "www-authenticate");
        challenges.for_each(|(_, challenge)| *challenge = edit(challenge));
    }

    /// Returns the first value of a header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(other, _)| *other == name)?;
        Some(value)
    }
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}
