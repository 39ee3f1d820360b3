//! What all servers have in common: a home, a port, a process, and coming back after it was killed.

use std::fmt::Debug;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::home::Home;
use crate::port::free_port;
use crate::process::{Process, until};

/// What differs between one server and another.
pub(crate) trait Kind: Debug {
    const NAME: &str;
    /// Ends it in an orderly way, with clients still connected.
    const STOP: Signal;
    /// Ends it at once, with nothing left behind in the kernel.
    const DISCARD: Signal;
    /// How long it may take until it answers.
    const PATIENCE: Duration;

    /// What must be there before the first start.
    fn furnish(&self, home: &Path);

    fn command(&self, home: &Path, port: u16) -> Command;

    /// Whether this very process answers, and not another that was quicker to take the port.
    fn answers(&self, home: &Path, port: u16, process: u32) -> bool;

    /// Clears away what a killed server leaves behind, beside its data.
    fn bury(&self, home: &Path);
}

#[derive(Debug)]
pub(crate) struct Server<K: Kind> {
    kind: K,
    home: Home,
    port: u16,
    process: Option<Process>,
}

impl<K: Kind> Server<K> {
    pub(crate) fn start(kind: K) -> Self {
        const TRIES: usize = 5;
        let home = Home::new(K::NAME, K::DISCARD);
        kind.furnish(home.path());
        let mut server = Self { kind, home, port: 0, process: None };
        for _ in 0..TRIES {
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

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn pause(&self) {
        self.process().pause();
    }

    pub(crate) fn resume(&self) {
        self.process().resume();
    }

    pub(crate) fn kill(&mut self) {
        self.over(Process::kill);
        self.kind.bury(self.home.path());
    }

    pub(crate) fn stop(&mut self) {
        self.over(|process| process.end(K::STOP));
    }

    pub(crate) fn start_again(&mut self) {
        assert!(self.process.is_none(), "{} is running: kill or stop it before it starts again", K::NAME);
        assert!(self.launch(), "{} does not come back: {}", K::NAME, self.log());
    }

    /// Starts the process; false if it ends by itself, as when somebody else was quicker to take the port.
    fn launch(&mut self) -> bool {
        let home = self.home.path().to_owned();
        let mut process = Process::start(&mut self.kind.command(&home, self.port), &home.join(LOG));
        self.home.guard(process.id());
        let mut has_ended = false;
        let has_result = until(K::PATIENCE, || {
            has_ended = process.has_ended();
            has_ended || self.kind.answers(&home, self.port, process.id())
        });
        if !has_result {
            process.kill();
            panic!("{} does not answer within {:?}: {}", K::NAME, K::PATIENCE, self.log());
        }
        if has_ended {
            self.home.release();
        } else {
            self.process = Some(process);
        }
        !has_ended
    }

    fn over(&mut self, end: impl FnOnce(&mut Process)) {
        if let Some(mut process) = self.process.take() {
            end(&mut process);
            self.home.release();
        }
    }

    fn process(&self) -> &Process {
        self.process.as_ref().unwrap_or_else(|| panic!("{} is not running", K::NAME))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.home.path().join(LOG)).unwrap_or_default()
    }
}

impl<K: Kind> Drop for Server<K> {
    fn drop(&mut self) {
        self.over(|process| process.end(K::DISCARD));
    }
}

const LOG: &str = "server.log";
