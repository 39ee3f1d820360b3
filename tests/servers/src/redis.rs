//! Redis as it is in earnest: what it has confirmed outlives it.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::program::on_path;
use crate::server::{Kind, Server};

/// A Redis server of the test's own.
#[derive(Debug)]
pub struct RedisServer(Server<Redis>);

impl RedisServer {
    /// Starts `redis-server` and waits until it answers.
    #[must_use]
    pub fn start() -> Self {
        let program = on_path("redis-server");
        let program = program.expect("redis-server is not on the PATH: sudo apt-get install redis-server");
        Self(Server::start(Redis { program }))
    }

    /// Where clients find it.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_at(self.address())
    }

    /// The same database at another address, such as that of a proxy.
    #[must_use]
    pub fn url_at(&self, address: SocketAddr) -> String {
        format!("redis://{address}/")
    }

    /// Where it listens, also while it is down.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Kills it; what it has confirmed is there when it starts again.
    pub fn kill(&mut self) {
        self.0.kill();
    }

    /// Ends it in an orderly way.
    pub fn stop(&mut self) {
        self.0.stop();
    }

    /// Starts it on the same port with the same data, after [`kill`](Self::kill) or [`stop`](Self::stop).
    pub fn start_again(&mut self) {
        self.0.start_again();
    }

    /// Kills it and starts it again without its data, as a Redis does that keeps nothing on disk.
    pub fn wipe(&mut self) {
        self.0.kill();
        let data = self.0.home().join(DATA);
        fs::remove_dir_all(&data).and_then(|()| fs::create_dir(&data)).expect("the home is ours");
        self.0.start_again();
    }

    /// Freezes it: connections are accepted by the kernel and nothing is answered.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.0.resume();
    }
}

#[derive(Debug)]
struct Redis {
    program: PathBuf,
}

impl Kind for Redis {
    const NAME: &str = "redis";
    const STOP: Signal = Signal::SIGTERM;
    const DISCARD: Signal = Signal::SIGKILL;
    const PATIENCE: Duration = Duration::from_secs(10);

    fn furnish(&self, home: &Path) {
        fs::create_dir(home.join(DATA)).expect("the home is ours");
    }

    fn command(&self, home: &Path, port: u16) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""])
            // Written before it is confirmed, which outlives a killed process; only a killed machine would need it on the
            // disk. With `everysec` it may be confirmed first, while the disk is busy.
            .args(["--appendonly", "yes", "--appendfsync", "no"])
            .args(["--auto-aof-rewrite-percentage", "0"]) // never forks, so one signal reaches all of it
            .arg("--dir")
            .arg(home.join(DATA));
        command
    }

    fn answers(&self, _home: &Path, port: u16, process: u32) -> bool {
        let Ok(answer) = ask(port) else {
            return false; // not there yet, or another server, which is as silent as we let it be
        };
        answer.starts_with("+PONG") && answer.contains(&format!("process_id:{process}\r\n"))
    }

    fn bury(&self, _home: &Path) {}
}

/// What it says to PING, while it loads its data not PONG, and which process it is.
fn ask(port: u16) -> io::Result<String> {
    const LIMIT: Duration = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(b"PING\r\nINFO server\r\nQUIT\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The folder in the home that holds all that survives.
const DATA: &str = "data";
