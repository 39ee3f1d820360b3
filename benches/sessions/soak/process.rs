//! One process of the soak: two nodes for each store, the clients that use both, and the resources that this takes.

use std::fmt;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::client::Client;
use super::report::Report;
use crate::memory::resident_of;
use crate::node::Node;
use crate::{BenchResult, runtime};

/// The first argument of a process; the addresses of `PostgreSQL` and Redis, its number and its seconds follow.
pub const PROCESS: &str = "--process";

/// Runs the process with this number and prints its report, which the parent reads.
///
/// # Errors
///
/// Returns an error if a node does not start.
pub fn run_process(stores: &[(&'static str, &String)], number: u64, seconds: u64) -> BenchResult<()> {
    let end = Instant::now().checked_add(Duration::from_secs(seconds)).ok_or("too many seconds")?;
    let report = runtime(2)?.block_on(async {
        let (mut clients, mut user) = (JoinSet::new(), number.saturating_mul(1000));
        for (kind, address) in stores {
            let nodes = [Node::start(kind, address).await?, Node::start(kind, address).await?];
            let nodes = Arc::new(nodes);
            for _ in 0..CLIENTS {
                user = user.saturating_add(1);
                clients.spawn(Client::new(Arc::clone(&nodes), kind, user).run_until(end));
            }
        }
        let mut report = Report::default();
        while let Some(client) = clients.join_next().await {
            report.add(client?);
        }
        BenchResult::Ok(report)
    })?;
    print!("{report}");
    Ok(())
}

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
        let (megabytes, Self { threads, descriptors, .. }) = (self.resident / 1_000_000, self);
        write!(f, "{megabytes} MB, {threads} threads, {descriptors} descriptors")
    }
}

/// The clients of each store.
const CLIENTS: u32 = 6;
