//! A network that fails in the way a test asks for.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::relay::{Mode, Relay};

/// A TCP proxy in front of a server. It begins by passing everything on, and each call changes what it does from then on.
///
/// What is held back is not lost: it goes its way when the proxy passes again, as on a network that was slow. So does the
/// end of a connection, which the server of a client that gave up hears of late.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    relay: Arc<Relay>,
    acceptor: Option<JoinHandle<()>>,
}

impl FaultProxy {
    /// A proxy in front of the server at this address, which need not be up.
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

    /// Where clients connect to instead of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections are open through it.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.relay.connections()
    }

    /// Passes everything on, what was held back first.
    pub fn pass(&self) {
        self.relay.change(Mode::Pass);
    }

    /// Cuts all connections, and closes each new one at once.
    pub fn refuse(&self) {
        self.relay.change(Mode::Refuse);
        self.relay.cut();
    }

    /// Cuts the connections there are, and nothing else: what it does with new ones stays as it was.
    pub fn cut(&self) {
        self.relay.cut();
    }

    /// Accepts connections and keeps them open, and passes nothing on in either direction.
    pub fn stall(&self) {
        self.relay.change(Mode::Stall);
    }

    /// Passes requests on, and holds their answers back.
    pub fn stall_answers(&self) {
        self.relay.change(Mode::StallAnswers);
    }

    /// Holds every chunk back for so long, in both directions.
    pub fn slow(&self, delay: Duration) {
        self.relay.change(Mode::Slow(delay));
    }

    /// Loses the answer to the next request, whatever it is: see [`lose_answer_to`](Self::lose_answer_to).
    pub fn lose_next_answer(&self) {
        self.lose_answer_to("");
    }

    /// Loses one answer: that to the next request with these bytes in it, such as `COMMIT`. The server has done what it was
    /// asked when its answer is thrown away and the connection cut. Everything before and after passes.
    ///
    /// Exact for a client that waits for each answer before it sends more, and for bytes that it sends in one piece.
    pub fn lose_answer_to(&self, request: impl AsRef<[u8]>) {
        self.relay.change(Mode::LoseAnswer(request.as_ref().to_owned()));
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.relay.change(Mode::Closed);
        self.relay.cut();
        let _wakes_the_acceptor = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ended = acceptor.join();
        }
    }
}
