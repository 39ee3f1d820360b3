//! An answer in the words of HTTP, before any framework has made a response of it.

use std::fmt;

use serde_json::Value;

/// What a framework is to answer: a status, headers whose names are in lower case, and a body.
///
/// It is made of a [`GuardError`](crate::GuardError) or by [`AuthRoutes`](crate::AuthRoutes), and becomes an
/// `http::Response` by `into()`. `Debug` shows neither the values of headers nor the body, where tokens are.
///
/// # Examples
///
/// ```
/// use gatevault::{GuardError, web::HttpResponse};
///
/// let answer = HttpResponse::from(GuardError::MissingToken);
/// assert_eq!(answer.status, 401);
/// assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
/// assert_eq!(answer.body, r#"{"status":401,"title":"Unauthorized","type":"about:blank"}"#);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values; a name may be there twice.
    pub headers: Vec<(&'static str, String)>,
    /// The body, which is empty where there is none.
    pub body: String,
}

impl HttpResponse {
    /// The first value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(other, _)| *other == name)?;
        Some(value)
    }

    /// Creates a response with `Cache-Control: no-store`, the safe default for responses about tokens, and without a body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, headers: vec![("cache-control", "no-store".to_owned())], body: String::new() }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        let answer = Self::new(status).with_header("content-type", "application/json");
        Self { body: body.to_string(), ..answer }
    }

    /// Adds a header; `name` is in lower case.
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
