//! The response to a request of a test's browser.

use std::fmt;
use std::panic::Location;

use http::HeaderName;
use http::header::WWW_AUTHENTICATE;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::denied::{DeniedOutcome, Observed};
use super::denied_response::{OfResponse, bare_of_body, bare_of_details, observe};
use super::fault::fail;

/// The response to a request of a [`Browser`](super::Browser).
///
/// `Debug` shows the status and the body, and replaces the tokens in it.
pub struct Response {
    pub(super) inner: http::Response<Vec<u8>>,
    /// The body without tokens.
    pub(super) shown: String,
}

impl Response {
    /// Returns the status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.inner.status().as_u16()
    }

    /// Asserts that the status is `expected`, and returns the response. A failed assertion shows the body.
    ///
    /// # Panics
    ///
    /// If the status is another one.
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "an assertion is a statement too"
    )]
    #[track_caller]
    pub fn assert_status(self, expected: u16) -> Self {
        if self.status() != expected {
            fail(Location::caller(), format_args!("expected the status {expected}, found {self:?}"));
        }
        self
    }

    /// Returns whether the application refused the request or failed.
    pub(super) fn is_error(&self) -> bool {
        self.inner.status().is_client_error() || self.inner.status().is_server_error()
    }

    /// Asserts that a session has begun.
    pub(super) fn assert_begun(&self, caller: &Location<'_>) {
        if self.is_error() {
            fail(caller, format_args!("no session for this user: {self:?}"));
        }
    }

    /// Returns the value of a header, or `None` if it is missing, there several times, or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.inner.headers().get_all(HeaderName::try_from(name).ok()?).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// Returns the challenge of a denial, the header `WWW-Authenticate`: `Bearer error="invalid_token", ..`. Returns an empty
    /// string without one.
    #[must_use]
    pub fn challenge(&self) -> &str {
        self.header(WWW_AUTHENTICATE.as_str()).unwrap_or_default()
    }

    /// Returns the page to which a redirect leads, the header `Location`.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// Returns the body as text. Bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.inner.body()).into_owned()
    }

    /// Returns the body as JSON: `response.json()["name"]`.
    ///
    /// # Panics
    ///
    /// If the body is not JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        self.json_as()
    }

    /// Returns the value that the body is as JSON.
    ///
    /// # Panics
    ///
    /// If the body is not JSON of this type.
    #[must_use]
    #[track_caller]
    pub fn json_as<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(self.inner.body()) {
            Ok(value) => value,
            Err(error) => {
                let expected = std::any::type_name::<T>();
                fail(
                    Location::caller(),
                    format_args!("expected JSON for `{expected}` ({error}), found {self:?}"),
                )
            }
        }
    }
}

/// Has the kind of denial that its status, its challenge and its problem document show.
impl DeniedOutcome<OfResponse> for Response {
    fn observe(&self) -> Observed {
        let details = self.inner.extensions().get();
        let bare = details.map_or_else(|| bare_of_body(self.inner.body()), bare_of_details);
        observe(self.status(), self.header(WWW_AUTHENTICATE.as_str()), Some(bare), &self.shown)
    }
}

/// The response in the types of the `http` crate.
impl From<Response> for http::Response<Vec<u8>> {
    fn from(response: Response) -> Self {
        response.inner
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status())
            .field("challenge", &self.challenge())
            .field("body", &format_args!("{}", self.shown))
            .finish_non_exhaustive()
    }
}
