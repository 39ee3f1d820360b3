//! One process of the soak: two nodes over the store, and the clients that use both.

use std::ffi::OsString;
use std::io::{Write as _, stdout};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::client::Client;
use super::lasting::{LASTING, LastingClient};
use super::report::SharedReport;
use crate::node::Node;
use crate::{BenchResult, runtime};

/// The first argument of a process; its settings follow.
pub const PROCESS: &str = "--process";

/// The nodes of a process.
pub(super) type Nodes = [Arc<Node>; 2];

/// The settings of a process.
pub(super) struct Settings<'s> {
    pub(super) kind: &'s str,
    /// The address of the store.
    pub(super) address: String,
    /// The folder for the tokens of lasting sessions.
    pub(super) folder: PathBuf,
    pub(super) number: u32,
    pub(super) time: Duration,
    /// The pause of a client between two rounds.
    pub(super) pause: Duration,
}

impl<'s> Settings<'s> {
    /// Returns the arguments from which [`read`](Self::read) creates the same settings.
    pub(super) fn arguments(&self) -> [OsString; 6] {
        let number = |number: u128| number.to_string().into();
        [
            self.kind.into(),
            self.address.clone().into(),
            self.folder.clone().into(),
            number(self.number.into()),
            number(self.time.as_millis()),
            number(self.pause.as_millis()),
        ]
    }

    fn read(arguments: &'s [String]) -> BenchResult<Self> {
        let [kind, address, folder, number, time, pause] = arguments else {
            return Err("the settings of a process are incomplete".into());
        };
        Ok(Self {
            kind,
            address: address.clone(),
            folder: folder.into(),
            number: number.parse()?,
            time: Duration::from_millis(time.parse()?),
            pause: Duration::from_millis(pause.parse()?),
        })
    }

    /// Starts two nodes. Over a store in memory, which no other process shares, one node is both.
    async fn nodes(&self) -> BenchResult<Nodes> {
        let node = async || BenchResult::Ok(Arc::new(Node::start(self.kind, &self.address).await?));
        let first = node().await?;
        let second = if self.kind == "memory" { Arc::clone(&first) } else { node().await? };
        Ok([first, second])
    }
}

/// Runs a process with these settings. Every second it prints what has happened since, which the parent reads.
///
/// # Errors
///
/// Returns an error if a node does not start.
pub fn run_process(settings: &[String]) -> BenchResult<()> {
    let settings = Settings::read(settings)?;
    let end = Instant::now().checked_add(settings.time).ok_or("too many seconds")?;
    runtime(2)?.block_on(async {
        let (nodes, report) = (settings.nodes().await?, SharedReport::default());
        let mut clients = JoinSet::new();
        let first = u64::from(settings.number).saturating_mul(1000);
        for user in first..first.saturating_add(CLIENTS) {
            let client = Client::new(nodes.clone(), user, settings.pause, report.clone());
            clients.spawn(client.run_until(end));
        }
        for user in (first..first.saturating_add(LASTING)).map(|user| user.saturating_add(CLIENTS)) {
            let client = LastingClient::new(nodes.clone(), user, &settings.folder, report.clone());
            clients.spawn(client.run_until(end));
        }
        while !clients.is_empty() {
            if let Ok(Some(client)) = timeout(REPORT_INTERVAL, clients.join_next()).await {
                client?;
            }
            stdout().write_all(report.take().to_string().as_bytes())?;
        }
        BenchResult::Ok(())
    })
}

/// The clients whose sessions end soon.
const CLIENTS: u64 = 6;
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
