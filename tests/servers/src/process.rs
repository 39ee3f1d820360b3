//! A server's process together with its children, and signals that have arrived when the call returns.

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
/// Its children are looked for one by one: every process of PostgreSQL makes a session of its own, so a signal to a
/// process group would reach the first of them only.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts the command, with all that it prints going to the file `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Self {
        let log = File::create(log).expect("the log can be written");
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log)
            .process_group(0) // Ctrl-C is for the tests
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

    /// Stops it where it is, and its children after it: once it stands still it starts no more of them.
    pub(crate) fn pause(&self) {
        halt(self.id());
        children(self.id()).into_iter().for_each(halt);
    }

    pub(crate) fn resume(&self) {
        for child in children(self.id()) {
            send(child, Signal::SIGCONT);
        }
        send(self.id(), Signal::SIGCONT);
    }

    /// Kills it and its children; none of them is left afterwards.
    pub(crate) fn kill(&mut self) {
        if self.has_ended() {
            return;
        }
        halt(self.id());
        let children = children(self.id());
        send(self.id(), Signal::SIGKILL);
        for &child in &children {
            send(child, Signal::SIGKILL);
        }
        let _status = self.child.wait();
        until(PATIENCE, || children.iter().all(|&child| state(child).is_none_or(State::is_over)));
    }

    /// Asks it to end, and kills it if it does not.
    pub(crate) fn end(&mut self, signal: Signal) {
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

/// Whether the condition came true within the limit.
pub(crate) fn until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if begin.elapsed() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// What the kernel says of a process, in the first words of `/proc/[pid]/stat`.
#[derive(Debug, Clone, Copy)]
struct State {
    letter: char,
    parent: u32,
}

impl State {
    /// Dead, if not yet buried by its parent.
    fn is_over(self) -> bool {
        matches!(self.letter, 'Z' | 'X')
    }

    fn is_still(self) -> bool {
        self.letter == 'T' || self.is_over()
    }
}

fn state(process: u32) -> Option<State> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = line.rsplit_once(')')?; // the name before it may hold anything
    let mut words = rest.split_whitespace();
    Some(State { letter: words.next()?.chars().next()?, parent: words.next()?.parse().ok()? })
}

fn children(process: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("/proc lists the processes").flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes.filter(|&other| state(other).is_some_and(|state| state.parent == process)).collect()
}

fn halt(process: u32) {
    send(process, Signal::SIGSTOP);
    until(PATIENCE, || state(process).is_none_or(State::is_still));
}

/// A process that is gone already needs no signal.
fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).expect("process numbers are small"));
    let _gone = kill(process, signal);
}

const PATIENCE: Duration = Duration::from_secs(10);
