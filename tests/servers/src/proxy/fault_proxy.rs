//! A network with the faults that a test asks for.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::relay::{Mode, Relay};

/// A TCP proxy in front of a server. At first it passes everything on; each call changes its behavior from then on.
///
/// Delayed data is not lost: it is delivered when the proxy passes again, as on a slow network. The same holds for the end
/// of a connection: the server learns late that a client has disconnected.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    relay: Arc<Relay>,
    acceptor: Option<JoinHandle<()>>,
}

impl FaultProxy {
    /// Starts a proxy in front of the server at this address, which need not be running.
    #[must_use]
    pub fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        let relay = Arc::new(Relay::to(server));
        let acceptor = thread::spawn({
            let relay = relay.clone();
            move || relay.accept(&listener)
        });
        Self { address, relay, acceptor: Some(acceptor) }
    }

    /// Returns the address for clients.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.relay.connections()
    }

    /// Passes everything on, delayed data first.
    pub fn pass(&self) {
        self.relay.change(Mode::Pass);
    }

    /// Closes all connections, and each new one at once.
    pub fn refuse(&self) {
        self.relay.cut_and_change(Mode::Refuse);
    }

    /// Closes the open connections. The behavior for new ones does not change.
    pub fn cut(&self) {
        self.relay.cut();
    }

    /// Accepts connections and keeps them open, but delays all data in both directions.
    pub fn stall(&self) {
        self.relay.change(Mode::Stall);
    }

    /// Passes requests on, and delays their answers.
    pub fn stall_answers(&self) {
        self.relay.change(Mode::StallAnswers);
    }

    /// Delays each chunk by this time, in both directions.
    pub fn slow(&self, delay: Duration) {
        self.relay.change(Mode::Slow(delay));
    }

    /// Loses the answer to the next request. See [`lose_answer_to`](Self::lose_answer_to).
    pub fn lose_next_answer(&self) {
        self.lose_answer_to("");
    }

    /// Loses the answer to the next request that contains these bytes, such as `COMMIT`. The server has executed the request
    /// when the proxy discards the answer and closes the connection. Everything before and after passes.
    ///
    /// This is exact for a client that waits for each answer before its next request, and for bytes sent in one chunk.
    pub fn lose_answer_to(&self, request: impl AsRef<[u8]>) {
        self.relay.change(Mode::LoseAnswer(request.as_ref().to_owned()));
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.relay.cut_and_change(Mode::Closed);
        let _wakes_the_acceptor = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ended = acceptor.join();
        }
    }
}
