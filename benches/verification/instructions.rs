//! Instructions as the processor sees them, counted one by one: many virtual machines have no hardware counters, and
//! valgrind's processor has no instructions for SHA.
//!
//! This program starts itself again as a child that asks to be traced, prepares one row, and stops right before and
//! right after a call. In between the parent lets it make one step at a time.

use std::env;
use std::process::Command;

use gatevault_benches::{Answer, GROUPS, Row};
use nix::sys::ptrace;
use nix::sys::signal::{Signal, raise};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

/// The first argument of a child; the group and the row follow.
pub(crate) const CHILD: &str = "--count-instructions-of";

/// Counts the instructions of calls.
pub(crate) struct Counter {
    /// The steps around a call that does nothing.
    empty: u32,
}

impl Counter {
    /// A counter, where a process may trace its child.
    pub(crate) fn new() -> Answer<Option<Self>> {
        Ok(steps(0, EMPTY)?.map(|empty| Self { empty }))
    }

    /// The instructions of a call of this row: the median over some processes, for hash maps and addresses are others
    /// in each.
    pub(crate) fn count(&self, group: usize, row: usize) -> Answer<f64> {
        let mut counts = Vec::new();
        for _ in 0..PROCESSES {
            counts.push(steps(group, row)?.ok_or("a child could not be traced any more")?);
        }
        counts.sort_unstable();
        let median = counts.get(counts.len() / 2).copied().unwrap_or_default();
        Ok(f64::from(median.saturating_sub(self.empty)))
    }
}

/// The child: makes one call of a row between two stops.
pub(crate) fn be_counted(group: usize, row: usize) -> Answer<()> {
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

/// The steps from stop to stop; none where the child did not get there.
fn steps(group: usize, row: usize) -> Answer<Option<u32>> {
    let mut child =
        Command::new(env::current_exe()?).args([CHILD, &group.to_string(), &row.to_string()]).spawn()?;
    let pid = Pid::from_raw(child.id().try_into()?);
    if waitpid(pid, None)? != WaitStatus::Stopped(pid, Signal::SIGSTOP) {
        return Ok(None);
    }
    let mut steps = 0_u32;
    let stopped = loop {
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

/// The number of no row.
const EMPTY: usize = usize::MAX;
const WARM_UP: u32 = 300;
const PROCESSES: u32 = 3;
