//! A Redis server with persistence: acknowledged writes survive a kill.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::program::on_path;
use crate::server::{Server, ServerKind};

/// A Redis server for one test.
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

    /// Returns the URL for clients.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_at(self.address())
    }

    /// Returns the URL with another address, such as a proxy's.
    #[must_use]
    pub fn url_at(&self, address: SocketAddr) -> String {
        format!("redis://{address}/")
    }

    /// Returns the address. It stays the same while the server is down.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Kills the server. Acknowledged writes are there after a restart.
    pub fn kill(&mut self) {
        self.0.kill();
    }

    /// Shuts the server down in an orderly way.
    pub fn stop(&mut self) {
        self.0.stop();
    }

    /// Restarts the server on the same port with the same data, after [`kill`](Self::kill) or [`stop`](Self::stop).
    pub fn start_again(&mut self) {
        self.0.start_again();
    }

    /// Kills the server and restarts it without its data, like a Redis without persistence.
    pub fn wipe(&mut self) {
        self.0.kill();
        let data = self.0.folder().join(DATA);
        fs::remove_dir_all(&data).and_then(|()| fs::create_dir(&data)).expect("the folder is writable");
        self.0.start_again();
    }

    /// Freezes the server: the kernel accepts connections, and no request is answered.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Resumes a frozen server.
    pub fn resume(&self) {
        self.0.resume();
    }
}

#[derive(Debug)]
struct Redis {
    program: PathBuf,
}

impl ServerKind for Redis {
    const NAME: &str = "redis";
    const STOP: Signal = Signal::SIGTERM;
    const DISCARD: Signal = Signal::SIGKILL;
    const PATIENCE: Duration = Duration::from_secs(10);

    fn prepare(&self, folder: &Path) {
        fs::create_dir(folder.join(DATA)).expect("the folder is writable");
    }

    fn command(&self, folder: &Path, port: u16) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""])
            // A write before the acknowledgment survives a killed process; only a killed machine would need a sync. With
            // `everysec` the acknowledgment may come first, while the disk is busy.
            .args(["--appendonly", "yes", "--appendfsync", "no"])
            .args(["--auto-aof-rewrite-percentage", "0"]) // never forks, so one signal reaches all of it
            .arg("--dir")
            .arg(folder.join(DATA));
        command
    }

    fn answers(&self, _folder: &Path, port: u16, process: u32) -> bool {
        let Ok(answer) = ask(port) else {
            return false; // not started yet, or another server that does not respond in time
        };
        answer.starts_with("+PONG") && answer.contains(&format!("process_id:{process}\r\n"))
    }

    fn clean_up(&self, _folder: &Path) {}
}

/// Sends PING and INFO and returns the replies: PONG unless the server is still loading, and its process id.
fn ask(port: u16) -> io::Result<String> {
    const LIMIT: Duration = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(b"PING\r\nINFO server\r\nQUIT\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The folder of the persistent data.
const DATA: &str = "data";
