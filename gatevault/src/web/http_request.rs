//! A request in the words of HTTP, after any framework has taken it apart.

use std::fmt;
use std::net::IpAddr;

use super::Bearer;
use super::bearer::visible_text;

/// A request as [`AuthRoutes`](crate::AuthRoutes) answers it: its head, and where it came from. The body is given beside it.
///
/// # Examples
///
/// ```
/// use gatevault::web::HttpRequest;
///
/// let call = HttpRequest::new("POST", "/login").with_header("Content-Type", b"application/json");
/// assert_eq!(call.header("content-type"), Some("application/json"));
/// ```
#[derive(Clone)]
pub struct HttpRequest {
    method: String,
    path: String,
    /// Names in lower case.
    headers: Vec<(String, Vec<u8>)>,
    peer: Option<IpAddr>,
}

impl HttpRequest {
    /// A request by its method and its path, which has no query.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), peer: None }
    }

    /// The same with one more header, whose name may be there before.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_vec()));
        self
    }

    /// The same with more headers.
    #[must_use]
    pub fn with_headers<'h>(self, headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Self {
        headers.into_iter().fold(self, |call, (name, value)| call.with_header(name, value))
    }

    /// The same from an address: that of the other end of the connection.
    #[must_use]
    pub fn from_address(self, peer: impl Into<Option<IpAddr>>) -> Self {
        Self { peer: peer.into(), ..self }
    }

    /// The method, in capitals.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The address of the other end of the connection, where the framework tells.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.peer
    }

    /// The value of a header, by its name in lower case, if it is there once and visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.values(name);
        visible_text(values.next()?).filter(|_| values.next().is_none())
    }

    /// The bearer token.
    #[must_use]
    pub fn bearer(&self) -> Bearer {
        Bearer::from_authorization(self.values("authorization"))
    }

    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_slice())
    }
}

/// Shows no header's value: tokens are among them.
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
