//! An HTTP request without the types of any framework.

use std::fmt;
use std::net::IpAddr;

use super::Bearer;
use super::bearer::visible_ascii;

/// The head of an HTTP request, and the address that it came from.
///
/// [`AuthRoutes`](crate::AuthRoutes) responds to it, and takes the body as a separate argument. `Debug` shows no headers,
/// because they contain tokens.
///
/// # Examples
///
/// ```
/// use gatevault::web::HttpRequest;
///
/// let request = HttpRequest::new("POST", "/login").with_header("Content-Type", b"application/json");
/// assert_eq!(request.header("content-type"), Some("application/json"));
/// ```
#[derive(Clone)]
pub struct HttpRequest {
    method: String,
    path: String,
    /// The path and the query that the client wrote.
    target: Option<String>,
    /// Names in lower case.
    headers: Vec<(String, Vec<u8>)>,
    peer: Option<IpAddr>,
    /// The authority of the request's target.
    authority: Option<String>,
}

impl HttpRequest {
    /// Creates a request from a method in capitals and a path without a query. If the client wrote a query, add it by
    /// [`with_target`](Self::with_target): without it, `DELETE /sessions?others` is `DELETE /sessions`.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        let (method, path) = (method.to_owned(), path.to_owned());
        Self { method, path, target: None, headers: Vec::new(), peer: None, authority: None }
    }

    /// Adds a header. One with the same name stays.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_vec()));
        self
    }

    /// Adds several headers.
    #[must_use]
    pub fn with_headers<'h>(self, headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Self {
        headers.into_iter().fold(self, |request, (name, value)| request.with_header(name, value))
    }

    /// Sets the address of the peer, the other end of the connection.
    #[must_use]
    pub fn from_address(self, peer: impl Into<Option<IpAddr>>) -> Self {
        Self { peer: peer.into(), ..self }
    }

    /// Sets the host and the port that the target of the request names: the `:authority` of HTTP/2 and HTTP/3, or the
    /// host of a target in absolute form. It replaces the header `Host` (RFC 9112 section 3.2.2).
    #[must_use]
    pub fn with_authority<'a>(self, authority: impl Into<Option<&'a str>>) -> Self {
        Self { authority: authority.into().map(str::to_owned), ..self }
    }

    /// Sets the path and the query that the client wrote. They differ from the path of the request where a router removes the
    /// prefix of a nested one.
    #[must_use]
    pub fn with_target(self, target: &str) -> Self {
        Self { target: Some(target.to_owned()), ..self }
    }

    /// Returns the path and the query that the client wrote, or the path if the query is not known.
    #[must_use]
    pub fn target(&self) -> &str {
        self.target.as_deref().unwrap_or(&self.path)
    }

    /// Returns the query, without the question mark.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target().split_once('?').map_or("", |(_, query)| query)
    }

    /// Returns the method, in capitals.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the address of the peer, the other end of the connection, if the framework knows it.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.peer
    }

    /// Returns the host that the request was sent to, with its port if there is one: the authority of the target, or
    /// else the header `Host`, if that is there exactly once.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.authority.as_deref().or_else(|| self.header("host"))
    }

    /// Returns the value of a header by its name in lower case, if it is there exactly once and is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.values(name);
        visible_ascii(values.next()?).filter(|_| values.next().is_none())
    }

    /// Returns the bearer token.
    #[must_use]
    pub fn bearer(&self) -> Bearer {
        Bearer::from_authorization(self.values("authorization"))
    }

    /// Returns all values of a header by its name in lower case.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_slice())
    }
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, peer, .. } = self;
        f.debug_struct("HttpRequest")
            .field("method", method)
            .field("path", path)
            .field("address", peer)
            .finish_non_exhaustive()
    }
}
