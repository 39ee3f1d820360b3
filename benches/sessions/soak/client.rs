//! A client of the soak, which uses one session after the other on two nodes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::{GuardError, Payload, TokenManager, TokenPair, protected};
use tokio::time::sleep;

use super::report::{
    ACCESS_AFTER_LOGOUT, GUARD_DENIED, LOST, OLDER_ACCEPTED, REFRESHED_AFTER_LOGOUT, Report, SPENT_TWICE,
};
use super::retry::retried;
use crate::node::{Node, PASSWORD};

#[protected(gate = tokens)]
fn guarded(tokens: &TokenManager, payload: Payload) -> Result<Payload, GuardError> {
    Ok(payload)
}

/// A client with a user of its own.
pub(super) struct Client {
    nodes: Arc<[Node; 2]>,
    store: &'static str,
    user: String,
    sessions: u32,
    report: Report,
}

/// A session that is over for the client, because a request for it was denied.
struct Denied;

impl Client {
    pub(super) fn new(nodes: Arc<[Node; 2]>, store: &'static str, user: u64) -> Self {
        Self { nodes, store, user: user.to_string(), sessions: 0, report: Report::default() }
    }

    /// Uses sessions until the time is over, and returns what happened.
    pub(super) async fn run_until(mut self, end: Instant) -> Report {
        while Instant::now() < end {
            self.sessions = self.sessions.wrapping_add(1);
            // A denied session has been counted.
            if self.use_session().await.is_err() {
                sleep(PAUSE).await;
            }
        }
        self.report
    }

    /// Logs in, refreshes singly and in pairs, and ends the session: by a logout, or by the reuse of an old token.
    async fn use_session(&mut self) -> Result<(), Denied> {
        let nodes = Arc::clone(&self.nodes);
        let [here, there] = &*nodes;
        let (first, errors) = retried(|| here.oauth.async_login(&self.user, PASSWORD)).await;
        self.errors("login", errors);
        let first = first.map_err(|_| self.lose())?;
        self.report.count("logins");
        let mut pair = first.clone();
        for round in 0..ROUNDS {
            let (one, other) = if round % 2 == 0 { (here, there) } else { (there, here) };
            pair = self.refresh(one, &pair).await?;
            pair = self.refresh_at_once(&pair).await?;
            for node in [one, other] {
                self.call_guarded(node, &pair);
            }
            sleep(PAUSE).await;
        }
        let is_reused = self.sessions.is_multiple_of(SESSIONS_PER_REUSE);
        if is_reused {
            self.reuse(here, &first).await;
        } else {
            self.log_out(here, &pair).await;
        }
        self.check_denied(there, &pair).await;
        Ok(())
    }

    async fn refresh(&mut self, node: &Node, pair: &TokenPair) -> Result<TokenPair, Denied> {
        let (next, errors) = retried(|| node.oauth.async_refresh(pair.refresh_token.as_str())).await;
        self.errors("refresh", errors);
        self.report.count("refreshes");
        next.map_err(|_| self.lose())
    }

    /// Refreshes with one token on both nodes at once: both must get the same successor.
    async fn refresh_at_once(&mut self, pair: &TokenPair) -> Result<TokenPair, Denied> {
        let [here, there] = [0, 1].map(|node| {
            let (nodes, token) = (Arc::clone(&self.nodes), pair.refresh_token.clone());
            tokio::spawn(async move {
                let node = nodes.get(node)?;
                Some(retried(|| node.oauth.async_refresh(token.as_str())).await)
            })
        });
        let mut successors = Vec::new();
        for refresh in [here, there] {
            let Some((successor, errors)) = refresh.await.ok().flatten() else { return Err(self.lose()) };
            self.errors("refresh", errors);
            successors.extend(successor);
        }
        self.report.count("pairs of refreshes at once");
        let [one, other] = successors.as_slice() else { return Err(self.lose()) };
        if self.token_id(one) != self.token_id(other) {
            self.report.count(SPENT_TWICE);
        }
        Ok(one.clone())
    }

    fn token_id(&self, pair: &TokenPair) -> Option<String> {
        let [node, _] = &*self.nodes;
        let token = node.tokens.decode_refresh_token::<Payload>(&pair.refresh_token).ok()?;
        token.token_id().map(str::to_owned)
    }

    fn call_guarded(&mut self, node: &Node, pair: &TokenPair) {
        self.report.count("guarded calls");
        if guarded(pair.access_token.as_str(), &node.tokens).is_err() {
            self.report.count(GUARD_DENIED);
        }
    }

    async fn log_out(&mut self, node: &Node, pair: &TokenPair) {
        let (result, errors) = retried(|| node.oauth.async_logout(pair.refresh_token.as_str())).await;
        self.errors("logout", errors);
        self.report.count("logouts");
        if result.is_err() {
            self.lose();
        }
    }

    /// Presents a token that was replaced long ago, which ends the session.
    async fn reuse(&mut self, node: &Node, old: &TokenPair) {
        let (result, errors) = retried(|| node.oauth.async_refresh(old.refresh_token.as_str())).await;
        self.errors("reuse", errors);
        self.report.count("reuses of an old token");
        if result.is_ok() {
            self.report.count(OLDER_ACCEPTED);
        }
    }

    /// Checks that a node denies the tokens of an ended session: the access token soon, the refresh token at once.
    async fn check_denied(&mut self, node: &Node, pair: &TokenPair) {
        let start = Instant::now();
        // Every other session is refreshed at once, which may end it on this node: the delay is that of the rest.
        let is_delayed = self.sessions.is_multiple_of(2);
        if !is_delayed {
            self.check_refresh_denied(node, pair).await;
        }
        while guarded(pair.access_token.as_str(), &node.tokens).is_ok() {
            if start.elapsed() > LONGEST_DELAY {
                self.report.count(ACCESS_AFTER_LOGOUT);
                return;
            }
            sleep(Duration::from_millis(1)).await;
        }
        if is_delayed {
            self.report.delay(start.elapsed());
            self.check_refresh_denied(node, pair).await;
        }
    }

    async fn check_refresh_denied(&mut self, node: &Node, pair: &TokenPair) {
        let (refreshed, errors) = retried(|| node.oauth.async_refresh(pair.refresh_token.as_str())).await;
        self.errors("refresh after logout", errors);
        self.report.count("refreshes after the end");
        if refreshed.is_ok() {
            self.report.count(REFRESHED_AFTER_LOGOUT);
        }
    }

    fn lose(&mut self) -> Denied {
        self.report.count(LOST);
        Denied
    }

    /// Counts the errors that a retry followed.
    fn errors(&mut self, operation: &str, errors: Vec<String>) {
        for error in errors {
            self.report.count(&format!("{} {operation}, retried: {error}", self.store));
        }
    }
}

const ROUNDS: u32 = 4;
/// Each fifth session ends by the reuse of an old token.
const SESSIONS_PER_REUSE: u32 = 5;
/// The time between two rounds. Without it the processor would be what limits the clients, and not the stores.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest time that a node may take to learn of a logout: more than a server is down.
const LONGEST_DELAY: Duration = Duration::from_secs(30);
