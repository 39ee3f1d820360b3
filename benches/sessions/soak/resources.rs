//! The resources of a process, and a row with those of all processes at one time.

use std::fmt;
use std::fs;

use crate::BenchResult;
use crate::memory::resident_of;

/// The resources of a process (proc(5)).
pub(super) struct Resources {
    resident: u64,
    threads: usize,
    descriptors: usize,
}

impl Resources {
    /// Reads the resources of a running process.
    pub(super) fn of(process: u32) -> BenchResult<Self> {
        Ok(Self {
            resident: resident_of(&process.to_string())?,
            threads: fs::read_dir(format!("/proc/{process}/task"))?.count(),
            descriptors: fs::read_dir(format!("/proc/{process}/fd"))?.count(),
        })
    }
}

impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tenths, Self { threads, descriptors, .. }) = (self.resident / 100_000, self);
        write!(f, "{:>3}.{} MB {threads:>3} threads {descriptors:>3} descriptors", tenths / 10, tenths % 10)
    }
}

/// The resources of every process, and the connections of the server, at a percentage of the time.
pub(super) struct ResourcesAt {
    pub(super) percent: u32,
    pub(super) processes: Vec<Resources>,
    pub(super) connections: Option<usize>,
}

impl fmt::Display for ResourcesAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>3} %", self.percent)?;
        for resources in &self.processes {
            write!(f, " | {resources}")?;
        }
        self.connections.map_or(Ok(()), |connections| write!(f, " | {connections} connections"))
    }
}
