//! An HTTP/1.1 client over a bare socket. It can send repeated headers, bytes that are not text, and incomplete bodies.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A request that has not been sent.
#[derive(Debug, Clone)]
#[must_use]
pub struct Request {
    head: Vec<u8>,
    body: Vec<u8>,
    /// The value of `Content-Length`, which may differ from the length of the body.
    announced: Option<usize>,
    is_head: bool,
}

impl Request {
    /// Creates a request from a method and a path.
    pub fn new(method: &str, path: &str) -> Self {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n").into();
        Self { head, body: Vec::new(), announced: None, is_head: method == "HEAD" }
    }

    /// Replaces the host.
    pub fn sent_to(mut self, host: &str) -> Self {
        let head = String::from_utf8(self.head).unwrap();
        self.head = head.replacen("Host: localhost", &format!("Host: {host}"), 1).into();
        self
    }

    /// Creates a `GET` request.
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// Creates a `POST` request without a body.
    pub fn post(path: &str) -> Self {
        Self::new("POST", path).announcing(0)
    }

    /// Adds a header, whose value may be any bytes.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.head.extend([name.as_bytes(), b": ", value.as_ref(), b"\r\n"].concat());
        self
    }

    /// Adds a bearer token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    /// Sets the body.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { announced: Some(body.len()), body, ..self }
    }

    /// Sets a chunked body, whose length is not announced.
    pub fn chunked(self, body: &str) -> Self {
        let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
        let (first, rest) = body.split_at(body.len() / 2);
        let body = [first, rest, ""].map(chunk).concat().into();
        Self { announced: None, body, ..self.header("Transfer-Encoding", "chunked") }
    }

    /// Announces a body of this length, without changing the body.
    pub fn announcing(self, length: usize) -> Self {
        Self { announced: Some(length), ..self }
    }

    /// Sends the request and returns the response.
    #[must_use]
    pub fn send(self, server: SocketAddr) -> Reply {
        self.attempt(server).unwrap_or_else(|received| panic!("no response: {received}"))
    }

    /// Sends the request and asserts that the server closes the connection without a response.
    pub fn assert_connection_closed(self, server: SocketAddr) {
        let received = self.attempt(server).map_or_else(|received| received, |reply| format!("{reply:?}"));
        assert_eq!(received, "");
    }

    /// Sends the request. Returns the response, or else the bytes received before the server closed the connection.
    fn attempt(mut self, server: SocketAddr) -> Result<Reply, String> {
        if let Some(length) = self.announced {
            self = self.header("Content-Length", length.to_string());
        }
        let mut stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // A server that has responded already may close the connection before it has read everything.
        stream.write_all(&[&self.head, b"\r\n".as_slice(), &self.body].concat()).ok();
        let (mut received, mut buffer) = (Vec::new(), [0; 4096]);
        // After the response, some servers keep the connection open for the rest of an announced body.
        while !Reply::is_complete(&received) {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => received.extend(buffer.iter().take(length)),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => panic!("{error}, after {:?}", received.escape_ascii().to_string()),
            }
        }
        Reply::parse(&received, self.is_head).ok_or_else(|| received.escape_ascii().to_string())
    }
}

/// A response.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
}

impl Reply {
    /// Returns the only value of a header, or an empty string without one.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(other, _)| other == name);
        let first = values.next().map_or("", |(_, value)| value);
        assert!(values.next().is_none(), "{name} was sent twice");
        first
    }

    /// Returns every `Set-Cookie` value.
    #[must_use]
    pub fn cookies(&self) -> Vec<&str> {
        let cookies = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        cookies.map(|(_, value)| value.as_str()).collect()
    }

    /// Returns the value that the response sets for a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> String {
        let set = self.cookies().into_iter().find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='));
        set.and_then(|rest| rest.split(';').next()).unwrap_or_default().to_owned()
    }

    /// Returns the body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns whether everything that the head announces has been received. Without a length, only the end of the
    /// connection completes a response.
    fn is_complete(received: &[u8]) -> bool {
        Self::parse(received, false).is_some_and(|reply| {
            reply.headers.iter().any(|(name, _)| name == "content-length" || name == "transfer-encoding")
        })
    }

    fn parse(received: &[u8], is_head: bool) -> Option<Self> {
        let end = received.windows(4).position(|window| window == b"\r\n\r\n")?;
        let (head, body) = received.split_at(end);
        let mut lines = str::from_utf8(head).ok()?.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = str::from_utf8(body.get(4..)?).ok()?;
        let length = headers.iter().find(|(name, _)| name == "content-length");
        // A response that was cut off does not count.
        let is_whole = is_head || length.is_none_or(|(_, length)| length.parse() == Ok(body.len()));
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if chunked { unchunked(body)? } else { body.to_owned() };
        is_whole.then_some(Self { status, body, headers })
    }
}

fn unchunked(mut rest: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (length, behind) = rest.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.push_str(behind.get(..length)?);
        rest = behind.get(length..)?.strip_prefix("\r\n")?;
    }
}
