//! Executed instructions, counted by single-stepping with ptrace: many virtual machines have no hardware counters, and
//! valgrind's processor has no SHA instructions.
//!
//! The program starts itself again as a traced child, which prepares one row and stops directly before and after a call.
//! Between the two stops the parent single-steps the child. Every program that counts must call [`run_if_child`] first.

use std::env;
use std::process::Command;

use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::{Answer, GROUPS, Row};

/// Counts the instructions of calls.
#[derive(Debug)]
pub struct Counter {
    /// The steps around a call that does nothing.
    empty: u32,
}

impl Counter {
    /// Creates a counter, or returns `None` if a process may not trace its child.
    ///
    /// # Errors
    ///
    /// Returns an error if the child cannot be started.
    pub fn new() -> Answer<Option<Self>> {
        Ok(trace(0, EMPTY, |_| Ok(()))?.map(|empty| Self { empty }))
    }

    /// Counts the instructions of a call of this row.
    ///
    /// It takes the median of several processes, since hash maps and addresses differ in each.
    ///
    /// # Errors
    ///
    /// Returns an error if a child fails.
    pub fn count(&self, group: usize, row: usize) -> Answer<f64> {
        let mut counts = Vec::new();
        for _ in 0..PROCESSES {
            counts.push(trace(group, row, |_| Ok(()))?.ok_or("a child could not be traced")?);
        }
        counts.sort_unstable();
        let median = counts.get(counts.len() / 2).copied().unwrap_or_default();
        Ok(f64::from(median.saturating_sub(self.empty)))
    }
}

/// Runs the child if the arguments of the program say that it is one. Returns whether it is.
///
/// # Errors
///
/// Returns an error if the row cannot be prepared.
pub fn run_if_child() -> Answer<bool> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [first, group, row, ..] if first == CHILD => run_child(group.parse()?, row.parse()?).map(|()| true),
        _ => Ok(false),
    }
}

/// Runs the child: makes one call of a row between two stops.
fn run_child(group: usize, row: usize) -> Answer<()> {
    let empty = Row::new("empty", || Ok::<_, &str>(()))?;
    let rows = if row == EMPTY { Vec::new() } else { (GROUPS.get(group).ok_or("no such group")?.rows)()? };
    let row = rows.get(row).unwrap_or(&empty);
    row.call(WARM_UP);
    ptrace::traceme()?;
    raise(Signal::SIGSTOP)?;
    row.call(1);
    raise(Signal::SIGSTOP)?;
    Ok(())
}

/// Counts the steps of a call of this row, and calls `before_step` with the stopped child before each. Returns `None` if the
/// child did not reach the second stop.
///
/// # Errors
///
/// Returns an error if the child cannot be started or traced, and those of `before_step`.
pub fn trace(
    group: usize,
    row: usize,
    mut before_step: impl FnMut(Pid) -> Answer<()>,
) -> Answer<Option<u32>> {
    let mut child =
        Command::new(env::current_exe()?).args([CHILD, &group.to_string(), &row.to_string()]).spawn()?;
    let pid = Pid::from_raw(child.id().try_into()?);
    if waitpid(pid, None)? != WaitStatus::Stopped(pid, Signal::SIGSTOP) {
        return Ok(None);
    }
    let mut steps = 0_u32;
    let stopped = loop {
        before_step(pid)?;
        ptrace::step(pid, None)?;
        match waitpid(pid, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => steps = steps.saturating_add(1),
            status => break status,
        }
    };
    ptrace::detach(pid, None)?;
    child.wait()?;
    Ok((stopped == WaitStatus::Stopped(pid, Signal::SIGSTOP)).then_some(steps))
}

/// The first argument of a child. The group and the row follow.
const CHILD: &str = "--count-instructions-of";
/// The row number of the empty call.
const EMPTY: usize = usize::MAX;
const WARM_UP: u32 = 300;
const PROCESSES: u32 = 3;
