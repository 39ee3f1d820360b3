//! Requests of a test's browser: their bodies, and the headers that a browser adds.

use std::panic::Location;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST as HOST_HEADER, ORIGIN, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde::Serialize;
use serde_json::{Map, Value};

use super::fault::fail;

/// The body of a request: JSON as `serde_json::Value` or a reference to a value that implements `Serialize`, a [`form`], or
/// `()` for no body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the body of a request",
    label = "expected JSON, a form or `()`",
    note = "write `json!({{..}})`, `&value` for a value that implements `Serialize`, `testing::form([(\"name\", \"value\")])`, or \
            `()` for no body; other bodies are sent with `Browser::send`"
)]
pub trait TestBody {
    /// Returns the content type, if there is a body, and its bytes.
    ///
    /// # Errors
    ///
    /// If the value cannot be written as JSON.
    fn encode(self) -> Result<(Option<&'static str>, Vec<u8>), serde_json::Error>;
}

impl TestBody for () {
    fn encode(self) -> Result<(Option<&'static str>, Vec<u8>), serde_json::Error> {
        Ok((None, Vec::new()))
    }
}

impl TestBody for Value {
    fn encode(self) -> Result<(Option<&'static str>, Vec<u8>), serde_json::Error> {
        (&self).encode()
    }
}

impl<T: Serialize> TestBody for &T {
    fn encode(self) -> Result<(Option<&'static str>, Vec<u8>), serde_json::Error> {
        Ok((Some(JSON), serde_json::to_vec(self)?))
    }
}

impl TestBody for Form {
    fn encode(self) -> Result<(Option<&'static str>, Vec<u8>), serde_json::Error> {
        let pairs: Vec<_> =
            self.0.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
        Ok((Some(FORM), pairs.join("&").into_bytes()))
    }
}

/// The fields of a form; see [`form`].
#[derive(Debug, Clone, Default)]
pub struct Form(pub(super) Vec<(String, String)>);

/// Creates the body of a form (`application/x-www-form-urlencoded`) from names and values.
pub fn form<N: Into<String>, V: Into<String>>(fields: impl IntoIterator<Item = (N, V)>) -> Form {
    Form(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
}

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// The part of a browser that sends a request, which decides about its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Initiator {
    /// A script of a page of the application, as `fetch` does.
    Script,
    /// The user, who follows a link, submits a form or enters an address.
    Navigation,
}

/// The cookies and tokens that a browser adds to a request.
#[derive(Default)]
pub(super) struct Credentials {
    pub(super) cookies: Option<String>,
    pub(super) access_token: Option<String>,
    pub(super) csrf_token: Option<String>,
}

/// Creates a request, or fails the test if the path is not one.
pub(super) fn request(
    caller: &Location<'_>,
    method: Method,
    path: &str,
    body: impl TestBody,
) -> Request<Vec<u8>> {
    let uri = path.parse::<Uri>().ok().filter(|uri| path.starts_with('/') && uri.authority().is_none());
    let Some(uri) = uri else {
        fail(caller, format_args!("expected a path such as \"/me\" or \"/notes?page=2\", found {path:?}"))
    };
    let (content_type, body) = match body.encode() {
        Ok(encoded) => encoded,
        Err(error) => fail(caller, format_args!("the body cannot be written as JSON: {error}")),
    };
    let mut request = Request::new(body);
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    if let Some(content_type) = content_type {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    request
}

/// Creates the JSON body of a name and a password.
pub(super) fn credentials(name: &str, password: &str) -> Value {
    let fields = [("username", name), ("password", password)];
    Value::Object(
        fields.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect::<Map<_, _>>(),
    )
}

/// Adds the headers that a browser sends. A header that the request has stays.
pub(super) fn add_headers(request: &mut Request<Vec<u8>>, initiator: Initiator, credentials: Credentials) {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let (mode, destination, accept) = match initiator {
        Initiator::Script => ("cors", "empty", "*/*"),
        Initiator::Navigation => ("navigate", "document", "text/html,application/xhtml+xml,*/*;q=0.8"),
    };
    let mut add = |name: HeaderName, value: &str| {
        if let (false, Ok(value)) =
            (request.headers().contains_key(&name), HeaderValue::from_bytes(value.as_bytes()))
        {
            request.headers_mut().insert(name, value);
        }
    };
    add(HOST_HEADER, HOST);
    add(USER_AGENT, "gatevault::testing");
    add(ACCEPT, accept);
    add(HeaderName::from_static("sec-fetch-site"), "same-origin");
    add(HeaderName::from_static("sec-fetch-mode"), mode);
    add(HeaderName::from_static("sec-fetch-dest"), destination);
    if !is_safe {
        add(ORIGIN, &format!("https://{HOST}"));
    }
    if let Some(cookies) = credentials.cookies {
        add(COOKIE, &cookies);
    }
    if initiator == Initiator::Navigation {
        return;
    }
    if let Some(token) = credentials.access_token {
        add(AUTHORIZATION, &format!("Bearer {token}"));
    }
    if let (false, Some(token)) = (is_safe, credentials.csrf_token) {
        add(HeaderName::from_static(crate::web::CsrfToken::HEADER), &token);
    }
}

/// The host of the application.
pub(super) const HOST: &str = "localhost";

const JSON: &str = "application/json";

const FORM: &str = "application/x-www-form-urlencoded";
