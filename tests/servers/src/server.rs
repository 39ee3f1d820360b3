//! The common part of all servers: a folder, a port, a process, and the restart after a kill.

use std::fmt::Debug;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::folder::ServerFolder;
use crate::port::free_port;
use crate::process::{Process, until};

/// The differences between servers.
pub(crate) trait ServerKind: Debug {
    const NAME: &str;
    /// The signal for an orderly shutdown with clients still connected.
    const STOP: Signal;
    /// The signal for an immediate stop that leaves nothing behind in the kernel.
    const DISCARD: Signal;
    /// The time limit until the server answers after its start.
    const PATIENCE: Duration;

    /// Prepares the folder before the first start.
    fn prepare(&self, folder: &Path);

    fn command(&self, folder: &Path, port: u16) -> Command;

    /// Returns whether this process answers, and not another one that took the port first.
    fn answers(&self, folder: &Path, port: u16, process: u32) -> bool;

    /// Removes what a killed server leaves behind, except its data.
    fn clean_up(&self, folder: &Path);
}

#[derive(Debug)]
pub(crate) struct Server<K: ServerKind> {
    kind: K,
    folder: ServerFolder,
    port: u16,
    process: Option<Process>,
}

impl<K: ServerKind> Server<K> {
    pub(crate) fn start(kind: K) -> Self {
        const ATTEMPTS: usize = 5;
        let folder = ServerFolder::new(K::NAME, K::DISCARD);
        kind.prepare(folder.path());
        let mut server = Self { kind, folder, port: 0, process: None };
        for _ in 0..ATTEMPTS {
            server.port = free_port();
            if server.launch() {
                return server;
            }
        }
        panic!("{} does not start: {}", K::NAME, server.log());
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn pause(&self) {
        self.process().pause();
    }

    pub(crate) fn resume(&self) {
        self.process().resume();
    }

    pub(crate) fn kill(&mut self) {
        self.end(Process::kill);
        self.kind.clean_up(self.folder.path());
    }

    pub(crate) fn stop(&mut self) {
        self.end(|process| process.stop(K::STOP));
    }

    pub(crate) fn start_again(&mut self) {
        assert!(self.process.is_none(), "{} is running: kill or stop it before the restart", K::NAME);
        assert!(self.launch(), "{} does not restart: {}", K::NAME, self.log());
    }

    /// Starts the process. Returns false if it exits by itself, as when another process took the port first.
    fn launch(&mut self) -> bool {
        let folder = self.folder.path().to_owned();
        let mut process = Process::start(&mut self.kind.command(&folder, self.port), &folder.join(LOG));
        self.folder.watch(process.id());
        let mut has_ended = false;
        let has_result = until(K::PATIENCE, || {
            has_ended = process.has_ended();
            has_ended || self.kind.answers(&folder, self.port, process.id())
        });
        if !has_result {
            process.kill();
            panic!("{} does not answer within {:?}: {}", K::NAME, K::PATIENCE, self.log());
        }
        if has_ended {
            self.folder.unwatch();
        } else {
            self.process = Some(process);
        }
        !has_ended
    }

    fn end(&mut self, signal: impl FnOnce(&mut Process)) {
        if let Some(mut process) = self.process.take() {
            signal(&mut process);
            self.folder.unwatch();
        }
    }

    fn process(&self) -> &Process {
        self.process.as_ref().unwrap_or_else(|| panic!("{} is not running", K::NAME))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG)).unwrap_or_default()
    }
}

impl<K: ServerKind> Drop for Server<K> {
    fn drop(&mut self) {
        self.end(|process| process.stop(K::DISCARD));
    }
}

const LOG: &str = "server.log";
