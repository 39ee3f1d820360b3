//! The resources of a process, a row with those of all processes at one time, and a bound of their growth.

use std::fmt;
use std::fs;
use std::time::Duration;

use super::backend::POOLER;
use crate::BenchResult;
use crate::memory::resident_of;

/// The resources of a process (proc(5)).
pub(super) struct Resources {
    process: u32,
    resident: u64,
    threads: u64,
    descriptors: u64,
}

impl Resources {
    /// Reads the resources of a running process.
    pub(super) fn of(process: u32) -> BenchResult<Self> {
        let entries =
            |folder: &str| BenchResult::Ok(fs::read_dir(format!("/proc/{process}/{folder}"))?.count());
        Ok(Self {
            process,
            resident: resident_of(&process.to_string())?,
            threads: entries("task")?.try_into()?,
            descriptors: entries("fd")?.try_into()?,
        })
    }
}

impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resident, threads, descriptors, .. } = self;
        write!(f, "{:>5} MB {threads:>3} threads {descriptors:>3} descriptors", megabytes(*resident))
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

/// The most that a process may grow between the first measurement and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GrowthBound {
    resident: u64,
    threads: u64,
    descriptors: u64,
}

impl GrowthBound {
    /// Returns the bound for a store of this kind and a soak of this time: twice the growth that was measured in ten minutes. It was
    /// 1.0 to 1.2 MB with SQLite, `PostgreSQL` and Redis, and 2.5 MB with the store in memory, which also has the sessions.
    ///
    /// Threads varied by 3, and descriptors by 2, or by 5 with pools. What leaks at each kill of the server, in each of two nodes, grows
    /// by 14.
    pub(super) fn of(kind: &str, time: Duration) -> Self {
        const MEASURED: u64 = 600;
        let (resident, descriptors) = match kind {
            "memory" => (5_000_000_u64, 4),
            // Pools open their connections, up to ten a node, when they need them.
            "postgres" | POOLER => (2_400_000, 10),
            _ => (2_400_000, 4),
        };
        // The list of revocations grows with the time, until its entries expire.
        let times = time.as_secs().checked_div(MEASURED).unwrap_or_default().max(1);
        let steady = Self { resident: resident.saturating_mul(times), threads: 6, descriptors };
        if time < SETTLED { steady.plus(AT_START) } else { steady }
    }

    /// Returns a line for each process that runs from the first row to the last, and has grown by more. The replacement of a process
    /// that was killed is another one.
    pub(super) fn exceeded(self, rows: &[ResourcesAt]) -> Vec<String> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Vec::new() };
        let mut lines = Vec::new();
        for (number, (before, after)) in (1_u32..).zip(first.processes.iter().zip(&last.processes)) {
            let growth = Self {
                resident: after.resident.saturating_sub(before.resident),
                threads: after.threads.saturating_sub(before.threads),
                descriptors: after.descriptors.saturating_sub(before.descriptors),
            };
            if before.process == after.process && !growth.is_within(self) {
                lines.push(format!("process {number} grew by {growth}"));
            }
        }
        lines
    }

    fn plus(self, other: Self) -> Self {
        Self {
            resident: self.resident.saturating_add(other.resident),
            threads: self.threads.saturating_add(other.threads),
            descriptors: self.descriptors.saturating_add(other.descriptors),
        }
    }

    fn is_within(self, bound: Self) -> bool {
        self.resident <= bound.resident
            && self.threads <= bound.threads
            && self.descriptors <= bound.descriptors
    }
}

impl fmt::Display for GrowthBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resident, threads, descriptors } = self;
        write!(f, "{} MB, {threads} threads, {descriptors} descriptors", megabytes(*resident))
    }
}

/// The time of a soak whose first measurement finds every process with its threads and connections.
const SETTLED: Duration = Duration::from_mins(1);

/// What a process may not yet have at the first measurement of a shorter soak.
const AT_START: GrowthBound = GrowthBound { resident: 4_000_000, threads: 12, descriptors: 20 };

/// Writes bytes as megabytes with one decimal.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(percent: u32, processes: &[(u32, u64, u64, u64)]) -> ResourcesAt {
        let processes = processes.iter().map(|&(process, resident, threads, descriptors)| Resources {
            process,
            resident,
            threads,
            descriptors,
        });
        ResourcesAt { percent, processes: processes.collect(), connections: None }
    }

    #[test]
    fn a_process_that_grows_beyond_the_bound_is_named_and_one_that_was_replaced_is_not() {
        let bound = GrowthBound { resident: 2_000_000, threads: 4, descriptors: 4 };
        let first = [(1, 9_000_000, 9, 8), (2, 9_000_000, 9, 8), (3, 9_000_000, 9, 8)];
        let exceeded = |last: [(u32, u64, u64, u64); 3]| {
            // What is measured in between is not compared.
            bound.exceeded(&[row(25, &first), row(50, &[(1, 99_000_000, 99, 99)]), row(98, &last)])
        };
        assert!(exceeded(first).is_empty());
        assert!(
            exceeded([(1, 11_000_000, 13, 12), (2, 1_000_000, 1, 1), (4, 99_000_000, 99, 99)]).is_empty()
        );
        let unchanged = (3, 9_000_000, 9, 8);
        for (last, growth) in [
            ((2, 11_000_001, 9, 8), "2.0 MB, 0 threads, 0 descriptors"),
            ((2, 9_000_000, 14, 8), "0.0 MB, 5 threads, 0 descriptors"),
            ((2, 9_000_000, 9, 13), "0.0 MB, 0 threads, 5 descriptors"),
        ] {
            assert_eq!(exceeded([first[0], last, unchanged]), [format!("process 2 grew by {growth}")]);
        }
    }

    #[test]
    fn memory_may_grow_with_the_time_and_threads_and_descriptors_may_not() {
        let of = |kind, seconds| GrowthBound::of(kind, Duration::from_secs(seconds));
        assert_eq!(of("redis", 60), of("redis", 600));
        assert_eq!(of("redis", 6), of("redis", 600).plus(AT_START), "the processes begin meanwhile");
        let hour = of("redis", 3600);
        assert_eq!((hour.resident, hour.threads, hour.descriptors), (14_400_000, 6, 4));
        assert!(of("memory", 600).resident > of("redis", 600).resident);
    }
}
