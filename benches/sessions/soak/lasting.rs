//! A client of the soak with one session for the whole time.
//!
//! It keeps its refresh token in a file, as a program on a device would. If its process is killed, the client of the next
//! process continues the session with that token: the current one, or the one before if the answer was lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gatevault::TokenPair;
use tokio::time::sleep;

use super::client::guarded;
use super::process::Nodes;
use super::report::{GUARD_DENIED, LASTED, LOST, SharedReport};
use super::retry::retried;
use crate::BenchResult;
use crate::node::PASSWORD;

/// The lasting sessions of a process.
pub(super) const LASTING: u64 = 20;

/// A client with a user of its own and one session.
pub(super) struct LastingClient {
    nodes: Nodes,
    user: String,
    file: PathBuf,
    report: SharedReport,
}

impl LastingClient {
    pub(super) fn new(nodes: Nodes, user: u64, folder: &Path, report: SharedReport) -> Self {
        Self { nodes, user: user.to_string(), file: folder.join(format!("lasting-{user}")), report }
    }

    /// Refreshes the session until the time is over.
    pub(super) async fn run_until(self, end: Instant) {
        let lasted = self.refresh_until(end).await;
        self.report.count(if lasted.is_ok() { LASTED } else { LOST });
    }

    async fn refresh_until(&self, end: Instant) -> BenchResult<()> {
        let mut token = match fs::read_to_string(&self.file) {
            Ok(token) => {
                self.report.count("lasting sessions continued after a kill");
                token
            }
            Err(_) => self.log_in().await?,
        };
        for node in (0..=1).cycle() {
            let node = self.nodes.get(node).ok_or("no node")?;
            let (pair, errors) = retried(|| node.oauth.async_refresh(token.as_str())).await;
            self.report.errors("refresh", errors);
            token = self.keep(&pair?)?;
            self.report.count("refreshes of lasting sessions");
            if Instant::now() >= end {
                break;
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn log_in(&self) -> BenchResult<String> {
        let [node, _] = &self.nodes;
        let (pair, errors) = retried(|| node.oauth.async_login(&self.user, PASSWORD)).await;
        self.report.errors("login", errors);
        self.keep(&pair?)
    }

    /// Replaces the token in the file, and calls guarded functions on both nodes.
    fn keep(&self, pair: &TokenPair) -> BenchResult<String> {
        let next = self.file.with_extension("next");
        fs::write(&next, pair.refresh_token.as_str())?;
        fs::rename(&next, &self.file)?;
        for node in &self.nodes {
            if guarded(pair.access_token.as_str(), &node.tokens).is_err() {
                self.report.count(GUARD_DENIED);
            }
        }
        Ok(pair.refresh_token.as_str().to_owned())
    }
}

/// The time between two refreshes.
const PAUSE: Duration = Duration::from_secs(2);
