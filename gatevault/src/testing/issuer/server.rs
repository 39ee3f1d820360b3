//! The web server of a test's issuer: one thread, on a free port of the loopback interface.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A server that ends when it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    is_down: AtomicBool,
    has_ended: AtomicBool,
    requests: Mutex<Vec<String>>,
}

impl Server {
    /// Starts a server. `route` returns the JSON document at a path of the server with this address.
    pub(super) fn start(
        route: impl Fn(SocketAddr, &str) -> Option<String> + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let serve = move || {
            for stream in listener.incoming().flatten() {
                if shared.has_ended.load(Ordering::Acquire) {
                    return;
                }
                // A client that disconnects fails its own request only.
                let _ = respond(stream, &shared, |path| route(address, path));
            }
        };
        let thread = thread::Builder::new().name("gatevault-test-issuer".to_owned()).spawn(serve)?;
        Ok(Self { address, state, thread: Some(thread) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets whether connections are closed without a response.
    pub(super) fn set_down(&self, is_down: bool) {
        self.state.is_down.store(is_down, Ordering::Release);
    }

    /// Returns the paths of the requests so far, also of those without a response.
    pub(super) fn requests(&self) -> Vec<String> {
        self.state.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.has_ended.store(true, Ordering::Release);
        // Wakes the thread, which waits for a connection.
        let is_awake = TcpStream::connect_timeout(&self.address, LONGEST_WAIT).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| is_awake) {
            // Fails if the thread panicked, and then it has ended too.
            let _ = thread.join();
        }
    }
}

/// Reads one request and writes its response.
fn respond(mut stream: TcpStream, state: &State, route: impl Fn(&str) -> Option<String>) -> io::Result<()> {
    stream.set_read_timeout(Some(LONGEST_WAIT))?;
    stream.set_write_timeout(Some(LONGEST_WAIT))?;
    let head = read_head(&mut stream)?;
    let path = head.split(' ').nth(1).unwrap_or_default();
    state.requests.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
    if state.is_down.load(Ordering::Acquire) {
        return Ok(());
    }
    let (status, body) = match route(path) {
        Some(document) => ("200 OK", document),
        None => ("404 Not Found", r#"{"error":"not_found"}"#.to_owned()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    stream.flush()
}

/// Reads up to the empty line. The requests for these documents have no body.
fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// A client on the same machine needs less.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

const LONGEST_HEAD: usize = 16_384;
