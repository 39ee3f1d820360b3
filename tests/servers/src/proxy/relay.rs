//! Copies bytes between clients and a server. Each chunk passes one checkpoint.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// The treatment of connections, requests and answers.
#[derive(Debug)]
pub(super) enum Mode {
    Pass,
    Refuse,
    Stall,
    StallAnswers,
    Slow(Duration),
    /// Lose the answer to the next request that contains these bytes.
    LoseAnswer(Vec<u8>),
    /// Stop the relay.
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
    /// The open connections. Any other is closed.
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
    direction: Direction,
    from: TcpStream,
    to: TcpStream,
}

#[derive(Debug, Clone, Copy)]
enum Direction {
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

    /// Closes all connections and changes the mode in one step, so that no delayed data passes in between.
    pub(super) fn cut_and_change(&self, mode: Mode) {
        let mut state = self.state();
        state.links.drain().for_each(|(_, link)| link.cut());
        state.mode = mode;
        drop(state);
        self.changed.notify_all();
    }

    /// Serves until the relay is closed, and joins all its threads.
    pub(super) fn accept(&self, listener: &TcpListener) {
        thread::scope(|scope| {
            for client in listener.incoming().flatten() {
                if matches!(self.state().mode, Mode::Closed) {
                    return;
                }
                // A server that is down looks like one that closes the connection.
                for pump in self.link(client).into_iter().flatten() {
                    scope.spawn(|| self.run(pump));
                }
            }
        });
    }

    /// Connects a client to the server, unless the mode or the server refuses.
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
        let pump = |direction, from: &TcpStream, to: &TcpStream| {
            io::Result::Ok(Pump { link, direction, from: from.try_clone()?, to: to.try_clone()? })
        };
        let pumps =
            vec![pump(Direction::Requests, &client, &server)?, pump(Direction::Answers, &server, &client)?];
        state.next_link = link.wrapping_add(1);
        state.links.insert(link, Link { client, server, loses_answer: false });
        Ok(pumps)
    }

    fn run(&self, mut pump: Pump) {
        let mut chunk = [0; 16 * 1024];
        loop {
            // The end of a connection, even a reset, is delayed like data.
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

    /// Waits until the chunk may pass. Returns false if it never may.
    fn admits(&self, pump: &Pump, bytes: &[u8]) -> bool {
        let arrival = Instant::now();
        let mut guard = self.state();
        loop {
            let state = &mut *guard;
            let Some(link) = state.links.get_mut(&pump.link) else {
                return false;
            };
            let wait = match (&state.mode, pump.direction) {
                (Mode::Stall, _) | (Mode::StallAnswers, Direction::Answers) => Duration::MAX,
                (Mode::Slow(delay), _) => delay.saturating_sub(arrival.elapsed()),
                (Mode::LoseAnswer(request), Direction::Requests) if contains(bytes, request) => {
                    link.loses_answer = true;
                    state.mode = Mode::Pass;
                    Duration::ZERO
                }
                _ => Duration::ZERO,
            };
            if wait.is_zero() {
                return !(link.loses_answer && matches!(pump.direction, Direction::Answers));
            }
            guard = self.changed.wait_timeout(guard, wait).expect("no thread panics here").0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics here")
    }
}

impl Link {
    /// Closes both ends, which the threads that read from them notice at once.
    fn cut(&self) {
        let _already_closed = self.client.shutdown(Shutdown::Both);
        let _already_closed = self.server.shutdown(Shutdown::Both);
    }
}

/// Returns whether the chunk contains the bytes. Empty bytes match every chunk, but not the end of a connection.
fn contains(bytes: &[u8], request: &[u8]) -> bool {
    !bytes.is_empty() && (request.is_empty() || bytes.windows(request.len()).any(|window| window == request))
}
