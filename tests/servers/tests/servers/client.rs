//! Minimal clients, independent of the libraries under test.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// A time limit with a margin for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A time in which an answer would have arrived.
pub(crate) const SHORTLY: Duration = Duration::from_millis(300);

/// A connection to Redis.
pub(crate) struct Redis(BufReader<TcpStream>);

impl Redis {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(connect(address).unwrap()))
    }

    /// Sends a command and returns the answer: a bulk string without its header, any other reply as it is.
    pub(crate) fn ask(&mut self, command: &str) -> io::Result<String> {
        self.send(command)?;
        self.answer()
    }

    pub(crate) fn send(&mut self, command: &str) -> io::Result<()> {
        self.0.get_mut().write_all(format!("{command}\r\n").as_bytes())
    }

    pub(crate) fn answer(&mut self) -> io::Result<String> {
        let head = self.line()?;
        if head.starts_with('$') && head != "$-1" { self.line() } else { Ok(head) }
    }

    /// Returns whether no data arrives for a while and the connection stays open.
    pub(crate) fn receives_nothing(&mut self) -> bool {
        is_silent(self.0.get_ref())
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

/// A connection to PostgreSQL, in version 3 of its protocol.
pub(crate) struct Postgres(TcpStream);

impl Postgres {
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let mut client = Self(connect(address)?);
        let startup = [&196_608_u32.to_be_bytes()[..], b"user\0postgres\0database\0postgres\0\0"].concat();
        client.write(&[], &startup)?;
        client.until_ready()?;
        Ok(client)
    }

    /// Runs a statement and returns the first value of the last row, if there is one.
    pub(crate) fn ask(&mut self, statement: &str) -> io::Result<Option<String>> {
        self.send(statement)?;
        self.until_ready()
    }

    pub(crate) fn send(&mut self, statement: &str) -> io::Result<()> {
        self.write(b"Q", &[statement.as_bytes(), b"\0"].concat())
    }

    pub(crate) fn receives_nothing(&mut self) -> bool {
        is_silent(&self.0)
    }

    pub(crate) fn until_ready(&mut self) -> io::Result<Option<String>> {
        let mut value = None;
        loop {
            let mut head = [0; 5];
            self.0.read_exact(&mut head)?;
            let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) - 4;
            let mut body = vec![0; usize::try_from(length).unwrap()];
            self.0.read_exact(&mut body)?;
            match head[0] {
                b'Z' => return Ok(value),
                b'E' => return Err(io::Error::other(String::from_utf8_lossy(&body).into_owned())),
                b'D' => value = Some(String::from_utf8_lossy(&body[6..]).into_owned()),
                _ => {}
            }
        }
    }

    fn write(&mut self, kind: &[u8], body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        self.0.write_all(&[kind, &length, body].concat())
    }
}

/// Waits until the condition is true. Returns false after the time limit.
pub(crate) fn eventually(condition: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if condition() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn is_silent(stream: &TcpStream) -> bool {
    stream.set_read_timeout(Some(SHORTLY)).unwrap();
    let outcome = stream.peek(&mut [0]);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    outcome.is_err_and(|error| matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
}
