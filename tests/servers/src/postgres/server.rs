//! PostgreSQL as it is in earnest: what it has committed outlives it.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::cluster::{self, DATA, SUPERUSER};
use crate::server::{Kind, Server};

/// A PostgreSQL server of the test's own.
#[derive(Debug)]
pub struct PostgresServer(Server<Postgres>);

impl PostgresServer {
    /// Starts `postgres` on a fresh cluster and waits until it accepts connections.
    #[must_use]
    pub fn start() -> Self {
        Self(Server::start(Postgres))
    }

    /// Where clients find it, as a superuser without a password.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_at(self.address())
    }

    /// The same database at another address, such as that of a proxy.
    #[must_use]
    pub fn url_at(&self, address: SocketAddr) -> String {
        format!("postgres://{SUPERUSER}@{address}/postgres")
    }

    /// Where it listens, also while it is down.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Kills it and all its children; what it has committed is there when it starts again.
    pub fn kill(&mut self) {
        self.0.kill();
    }

    /// Ends it in an orderly way, cutting the connections that there are.
    pub fn stop(&mut self) {
        self.0.stop();
    }

    /// Starts it on the same port with the same data, after [`kill`](Self::kill) or [`stop`](Self::stop).
    pub fn start_again(&mut self) {
        self.0.start_again();
    }

    /// Freezes it and all its children: connections are accepted by the kernel and nothing is answered.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.0.resume();
    }
}

#[derive(Debug)]
struct Postgres;

impl Kind for Postgres {
    const NAME: &str = "postgres";
    const STOP: Signal = Signal::SIGINT;
    const DISCARD: Signal = Signal::SIGQUIT;
    const PATIENCE: Duration = Duration::from_secs(30);

    fn furnish(&self, home: &Path) {
        cluster::furnish(home);
    }

    fn command(&self, home: &Path, port: u16) -> Command {
        let mut command = cluster::program("postgres", home);
        command.arg("-D").arg(home.join(DATA)).args(["-p", &port.to_string()]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }

    fn answers(&self, home: &Path, _port: u16, process: u32) -> bool {
        let file = LockFile::read(home);
        file.is_some_and(|file| file.process == process.to_string() && file.is_ready)
    }

    /// A lock that is left behind could name a process that is somebody else's by then, and keep the server from starting.
    /// The kernel has few segments of shared memory to give, and keeps those of killed processes until it is told.
    fn bury(&self, home: &Path) {
        let Some(file) = LockFile::read(home) else {
            return;
        };
        if let Some(segment) = file.shared_memory {
            let _already_gone = Command::new("ipcrm").args(["-m", &segment]).output();
        }
        let _already_gone = fs::remove_file(home.join(DATA).join(LOCK_FILE));
    }
}

/// What the server tells `pg_ctl` about itself, a line for each thing: of these the process, in the seventh line the
/// segment of shared memory after its key, and in the eighth how far it is.
struct LockFile {
    process: String,
    shared_memory: Option<String>,
    is_ready: bool,
}

impl LockFile {
    fn read(home: &Path) -> Option<Self> {
        let text = fs::read_to_string(home.join(DATA).join(LOCK_FILE)).ok()?;
        let mut lines = text.lines();
        let process = lines.next()?.trim().to_owned();
        let shared_memory = lines.nth(5).and_then(|line| line.split_whitespace().nth(1)).map(str::to_owned);
        let is_ready = lines.next().is_some_and(|line| line.trim() == "ready");
        Some(Self { process, shared_memory, is_ready })
    }
}

const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=", // their paths may be too long for a socket, and nobody asks for one
    "fsync=off", // what was written outlives a killed process; only a killed machine would need it on the disk
    "synchronous_commit=on",
    "max_connections=100",
    "shared_buffers=16MB",
    "dynamic_shared_memory_type=mmap", // in the folder, which is removed, and not in /dev/shm
    "log_min_messages=fatal",
];

const LOCK_FILE: &str = "postmaster.pid";
