//! A PostgreSQL server: committed transactions survive a kill.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::cluster::{self, DATA, SUPERUSER};
use crate::server::{Server, ServerKind};

/// A PostgreSQL server for one test.
#[derive(Debug)]
pub struct PostgresServer(Server<Postgres>);

impl PostgresServer {
    /// Starts `postgres` on a fresh cluster and waits until it accepts connections.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts `postgres` with more settings, such as `commit_delay=3000`. They replace the settings of the tests.
    #[must_use]
    pub fn start_with(settings: &[&str]) -> Self {
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        Self(Server::start(Postgres { settings }))
    }

    /// Returns the URL for clients, of a superuser without a password.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_at(self.address())
    }

    /// Returns the URL with another address, such as a proxy's.
    #[must_use]
    pub fn url_at(&self, address: SocketAddr) -> String {
        format!("postgres://{SUPERUSER}@{address}/postgres")
    }

    /// Returns the address. It stays the same while the server is down.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Kills the server and all its children. Committed transactions are there after a restart.
    pub fn kill(&mut self) {
        self.0.kill();
    }

    /// Shuts the server down in an orderly way and closes all connections.
    pub fn stop(&mut self) {
        self.0.stop();
    }

    /// Restarts the server on the same port with the same data, after [`kill`](Self::kill) or [`stop`](Self::stop).
    pub fn start_again(&mut self) {
        self.0.start_again();
    }

    /// Freezes the server and all its children: the kernel accepts connections, and no request is answered.
    pub fn pause(&self) {
        self.0.pause();
    }

    /// Resumes a frozen server.
    pub fn resume(&self) {
        self.0.resume();
    }
}

#[derive(Debug)]
struct Postgres {
    /// Further settings. Of two with one name, the last is in effect.
    settings: Vec<String>,
}

impl ServerKind for Postgres {
    const NAME: &str = "postgres";
    const STOP: Signal = Signal::SIGINT;
    const DISCARD: Signal = Signal::SIGQUIT;
    const PATIENCE: Duration = Duration::from_secs(30);

    fn prepare(&self, folder: &Path) {
        cluster::create(folder);
    }

    fn command(&self, folder: &Path, port: u16) -> Command {
        let mut command = cluster::program("postgres", folder);
        command.arg("-D").arg(folder.join(DATA)).args(["-p", &port.to_string()]);
        for setting in SETTINGS.iter().copied().chain(self.settings.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        command
    }

    fn answers(&self, folder: &Path, _port: u16, process: u32) -> bool {
        let file = LockFile::read(folder);
        file.is_some_and(|file| file.process == process.to_string() && file.is_ready)
    }

    /// Removes the lock file and the shared memory of a killed server.
    ///
    /// A stale lock file prevents the restart if another process has its process id by then. The kernel has few segments of
    /// shared memory, and keeps the segments of killed processes until they are removed.
    fn clean_up(&self, folder: &Path) {
        let Some(file) = LockFile::read(folder) else {
            return;
        };
        if let Some(segment) = file.shared_memory {
            let _already_gone = Command::new("ipcrm").args(["-m", &segment]).output();
        }
        let _already_gone = fs::remove_file(folder.join(DATA).join(LOCK_FILE));
    }
}

/// The server's status file for `pg_ctl`. Line 1 is the process id, line 7 the key and id of the shared memory segment, and
/// line 8 the status.
struct LockFile {
    process: String,
    shared_memory: Option<String>,
    is_ready: bool,
}

impl LockFile {
    fn read(folder: &Path) -> Option<Self> {
        let text = fs::read_to_string(folder.join(DATA).join(LOCK_FILE)).ok()?;
        let mut lines = text.lines();
        let process = lines.next()?.trim().to_owned();
        let shared_memory = lines.nth(5).and_then(|line| line.split_whitespace().nth(1)).map(str::to_owned);
        let is_ready = lines.next().is_some_and(|line| line.trim() == "ready");
        Some(Self { process, shared_memory, is_ready })
    }
}

const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=", // unused, and the path may be too long for a socket
    "fsync=off",                // a write survives a killed process; only a killed machine would need a sync
    "synchronous_commit=on",
    "max_connections=100",
    "shared_buffers=16MB",
    "dynamic_shared_memory_type=mmap", // in the folder, which is removed, not in /dev/shm
    "log_min_messages=fatal",
];

const LOCK_FILE: &str = "postmaster.pid";
