//! A sentinel that answers what the test chooses.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A server that names one address as the master's; any name is the right one.
pub(crate) struct FakeSentinel {
    address: SocketAddr,
    master: Arc<Mutex<SocketAddr>>,
}

impl FakeSentinel {
    /// Starts a sentinel that names this master.
    pub(crate) fn of(master: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (address, master) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(master)));
        let named = Arc::clone(&master);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let named = Arc::clone(&named);
                thread::spawn(move || answer(&client, &named));
            }
        });
        Self { address, master }
    }

    pub(crate) fn set(&self, master: SocketAddr) {
        *self.master.lock().unwrap() = master;
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}/", self.address)
    }
}

/// Answers each command of a client: an array of strings, each with its length on a line of its own.
fn answer(client: &TcpStream, master: &Mutex<SocketAddr>) -> Option<()> {
    let mut lines = BufReader::new(client).lines();
    loop {
        let length: usize = lines.next()?.ok()?.strip_prefix('*')?.parse().ok()?;
        let words: Vec<_> = lines.by_ref().take(2 * length).collect::<Result<_, _>>().ok()?;
        let answer = if words.get(1)? == "SENTINEL" {
            let master = *master.lock().unwrap();
            let (ip, port) = (master.ip().to_string(), master.port().to_string());
            format!("*2\r\n${}\r\n{ip}\r\n${}\r\n{port}\r\n", ip.len(), port.len())
        } else {
            "+OK\r\n".to_owned()
        };
        (&mut &*client).write_all(answer.as_bytes()).ok()?;
    }
}
