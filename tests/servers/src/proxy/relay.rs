//! Carries bytes between clients and a server, each chunk through one gate.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// What becomes of connections, requests and answers.
#[derive(Debug)]
pub(super) enum Mode {
    Pass,
    Refuse,
    Stall,
    StallAnswers,
    Slow(Duration),
    /// That to the next request with these bytes in it.
    LoseAnswer(Vec<u8>),
    /// The end.
    Closed,
}

#[derive(Debug)]
pub(super) struct Relay {
    server: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    /// A connection that is not among these is cut.
    links: HashMap<u64, Link>,
    next_link: u64,
}

#[derive(Debug)]
struct Link {
    client: TcpStream,
    server: TcpStream,
    loses_answer: bool,
}

/// One direction of one connection.
#[derive(Debug)]
struct Pump {
    link: u64,
    cargo: Cargo,
    from: TcpStream,
    to: TcpStream,
}

#[derive(Debug, Clone, Copy)]
enum Cargo {
    Requests,
    Answers,
}

impl Relay {
    pub(super) fn to(server: SocketAddr) -> Self {
        let state = State { mode: Mode::Pass, links: HashMap::new(), next_link: 0 };
        Self { server, state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(super) fn connections(&self) -> usize {
        self.state().links.len()
    }

    pub(super) fn change(&self, mode: Mode) {
        self.state().mode = mode;
        self.changed.notify_all();
    }

    pub(super) fn cut(&self) {
        self.state().links.drain().for_each(|(_, link)| link.cut());
        self.changed.notify_all();
    }

    /// Serves until it is closed; by the end all its threads have ended.
    pub(super) fn accept(&self, listener: &TcpListener) {
        thread::scope(|scope| {
            for client in listener.incoming().flatten() {
                if matches!(self.state().mode, Mode::Closed) {
                    return;
                }
                // A server that is down looks like one that hangs up.
                for pump in self.link(client).into_iter().flatten() {
                    scope.spawn(|| self.run(pump));
                }
            }
        });
    }

    /// Joins a client to the server, unless the mode or the server is against it.
    fn link(&self, client: TcpStream) -> io::Result<Vec<Pump>> {
        const LIMIT: Duration = Duration::from_secs(1);
        let mut state = self.state();
        if matches!(state.mode, Mode::Refuse | Mode::Closed) {
            return Ok(Vec::new());
        }
        let server = TcpStream::connect_timeout(&self.server, LIMIT)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let link = state.next_link;
        let pump = |cargo, from: &TcpStream, to: &TcpStream| {
            io::Result::Ok(Pump { link, cargo, from: from.try_clone()?, to: to.try_clone()? })
        };
        let pumps = vec![pump(Cargo::Requests, &client, &server)?, pump(Cargo::Answers, &server, &client)?];
        state.next_link = link.wrapping_add(1);
        state.links.insert(link, Link { client, server, loses_answer: false });
        Ok(pumps)
    }

    fn run(&self, mut pump: Pump) {
        let mut chunk = [0; 16 * 1024];
        loop {
            // The end of a connection, also a hard one, is held back like any other news.
            let length = pump.from.read(&mut chunk).unwrap_or(0);
            let bytes = chunk.get(..length).unwrap_or_default();
            if !self.admits(&pump, bytes) || bytes.is_empty() || pump.to.write_all(bytes).is_err() {
                break;
            }
        }
        if let Some(link) = self.state().links.remove(&pump.link) {
            link.cut();
        }
        self.changed.notify_all();
    }

    /// Waits until the chunk may pass; false when it never will.
    fn admits(&self, pump: &Pump, bytes: &[u8]) -> bool {
        let arrival = Instant::now();
        let mut guard = self.state();
        loop {
            let state = &mut *guard;
            let Some(link) = state.links.get_mut(&pump.link) else {
                return false;
            };
            let wait = match (&state.mode, pump.cargo) {
                (Mode::Stall, _) | (Mode::StallAnswers, Cargo::Answers) => Duration::MAX,
                (Mode::Slow(delay), _) => delay.saturating_sub(arrival.elapsed()),
                (Mode::LoseAnswer(request), Cargo::Requests) if contains(bytes, request) => {
                    link.loses_answer = true;
                    state.mode = Mode::Pass;
                    Duration::ZERO
                }
                _ => Duration::ZERO,
            };
            if wait.is_zero() {
                return !(link.loses_answer && matches!(pump.cargo, Cargo::Answers));
            }
            guard = self.changed.wait_timeout(guard, wait).expect("no thread panics here").0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics here")
    }
}

impl Link {
    /// Both ends hear of it at once, and the threads that read from them.
    fn cut(&self) {
        let _already_closed = self.client.shutdown(Shutdown::Both);
        let _already_closed = self.server.shutdown(Shutdown::Both);
    }
}

/// Whether the request is there, of which an empty one is in every chunk, but not in the end of a connection.
fn contains(bytes: &[u8], request: &[u8]) -> bool {
    !bytes.is_empty() && (request.is_empty() || bytes.windows(request.len()).any(|window| window == request))
}
