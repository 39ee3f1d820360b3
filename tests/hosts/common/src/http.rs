//! A server on a thread of its own, and a client that sends one request.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use tokio::net::TcpListener;
use tokio::runtime;

/// A server that runs until the process ends.
#[derive(Debug)]
pub struct Server(SocketAddr);

impl Server {
    /// Starts a server on a free port of this machine.
    pub fn start<F: Future<Output = io::Result<()>>>(
        serve: impl FnOnce(TcpListener) -> F + Send + 'static,
    ) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        listener.set_nonblocking(true).expect("a socket that does not block");
        thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async { serve(TcpListener::from_std(listener)?).await })
        });
        Self(address)
    }
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

/// Sends a `GET`, with the token in its `Authorization` header.
pub fn get(server: &Server, path: &str, token: Option<&str>) -> Answer {
    send(server, "GET", path, token, "")
}

/// Sends a `POST` of JSON, with the token in its `Authorization` header.
pub fn post(server: &Server, path: &str, token: Option<&str>, json: &str) -> Answer {
    send(server, "POST", path, token, json)
}

fn send(Server(address): &Server, method: &str, path: &str, token: Option<&str>, body: &str) -> Answer {
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{authorization}\
         Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(request.as_bytes()).expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (headers, body) = answer.split_once("\r\n\r\n").expect("the end of the headers");
    let status = headers.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answer { status, headers: headers.to_owned(), body: body.to_owned() }
}
