//! A server's process with its children, and signals that have taken effect when the call returns.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A running server.
///
/// Signals go to each child separately: every PostgreSQL process creates a session of its own, so a signal to the process
/// group would reach only the first one.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts the command, with its output in the file `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Self {
        let log = File::create(log).expect("the log can be written");
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .process_group(0) // Ctrl-C must reach only the tests
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        Self { child }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Freezes the process, then its children: a frozen process starts no more of them.
    pub(crate) fn pause(&self) {
        freeze(self.id());
        children(self.id()).into_iter().for_each(freeze);
    }

    pub(crate) fn resume(&self) {
        for child in children(self.id()) {
            send(child, Signal::SIGCONT);
        }
        send(self.id(), Signal::SIGCONT);
    }

    /// Kills the process and its children, and waits until all of them are dead.
    pub(crate) fn kill(&mut self) {
        if self.has_ended() {
            return;
        }
        freeze(self.id());
        let children = children(self.id());
        send(self.id(), Signal::SIGKILL);
        for &child in &children {
            send(child, Signal::SIGKILL);
        }
        let _status = self.child.wait();
        until(PATIENCE, || children.iter().all(|&child| state(child).is_none_or(State::is_dead)));
    }

    /// Sends a signal that stops the process, and kills it if it does not stop in time.
    pub(crate) fn stop(&mut self, signal: Signal) {
        if self.has_ended() {
            return;
        }
        self.resume();
        send(self.id(), signal);
        if !until(PATIENCE, || self.has_ended()) {
            self.kill();
        }
    }
}

/// Waits until the condition is true. Returns false if that takes longer than the limit.
pub(crate) fn until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if start.elapsed() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// The state of a process, from the first fields of `/proc/[pid]/stat`.
#[derive(Debug, Clone, Copy)]
struct State {
    letter: char,
    parent: u32,
}

impl State {
    /// Returns whether the process is dead. Its parent may not have collected its exit status yet.
    fn is_dead(self) -> bool {
        matches!(self.letter, 'Z' | 'X')
    }

    fn is_stopped(self) -> bool {
        self.letter == 'T' || self.is_dead()
    }
}

fn state(process: u32) -> Option<State> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = line.rsplit_once(')')?; // the name before it may contain any character
    let mut words = rest.split_whitespace();
    Some(State { letter: words.next()?.chars().next()?, parent: words.next()?.parse().ok()? })
}

fn children(process: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc lists the processes").flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes.filter(|&other| state(other).is_some_and(|state| state.parent == process)).collect()
}

fn freeze(process: u32) {
    send(process, Signal::SIGSTOP);
    until(PATIENCE, || state(process).is_none_or(State::is_stopped));
}

/// Sends a signal. A process that is gone already needs none.
fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).expect("process numbers are small"));
    let _gone = kill(process, signal);
}

const PATIENCE: Duration = Duration::from_secs(10);
