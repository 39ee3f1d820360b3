//! A Redis server with persistence: acknowledged writes survive a kill.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
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
        Self::start_with(&[])
    }

    /// Starts `redis-server` with more arguments, such as `--cluster-enabled yes`.
    #[must_use]
    pub fn start_with(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self(Server::start(Redis { program: program(), arguments }))
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
    arguments: Vec<String>,
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
            .arg(folder.join(DATA))
            .args(&self.arguments);
        command
    }

    fn answers(&self, _folder: &Path, port: u16, process: u32) -> bool {
        is_process(port, process)
    }

    fn clean_up(&self, _folder: &Path) {}
}

/// Returns the path of `redis-server`, which is also the program of a sentinel.
pub(crate) fn program() -> PathBuf {
    on_path("redis-server").expect("redis-server is not on the PATH: sudo apt-get install redis-server")
}

/// Returns whether this process answers at the port: with PONG, unless it is still loading.
pub(crate) fn is_process(port: u16, process: u32) -> bool {
    // Otherwise it has not started yet, or another server does not respond in time.
    ask(port, "PING\r\nINFO server").is_ok_and(|answer| {
        answer.starts_with("+PONG") && answer.contains(&format!("process_id:{process}\r\n"))
    })
}

/// Sends commands, a line each, and returns the replies.
pub(crate) fn ask(port: u16, commands: &str) -> io::Result<String> {
    const LIMIT: Duration = Duration::from_secs(1);
    let mut stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(format!("{commands}\r\n").as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The folder of the persistent data.
const DATA: &str = "data";
