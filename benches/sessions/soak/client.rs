//! A client of the soak, which uses one session after the other on two nodes.

use std::time::{Duration, Instant};

use gatevault::{GuardError, Payload, TokenManager, TokenPair, protected};
use tokio::time::sleep;

use super::process::Nodes;
use super::report::{
    ACCESS_AFTER_LOGOUT, GUARD_DENIED, LOST, OLDER_ACCEPTED, REFRESHED_AFTER_LOGOUT, SPENT_TWICE,
    SharedReport, WRONG_ACCEPTED,
};
use super::retry::retried;
use crate::node::{Node, PASSWORD};

#[protected(gate = tokens)]
pub(super) fn guarded(tokens: &TokenManager, payload: Payload) -> Result<Payload, GuardError> {
    Ok(payload)
}

/// A client with a user of its own.
pub(super) struct Client {
    nodes: Nodes,
    user: String,
    /// The time between two rounds.
    pause: Duration,
    sessions: u32,
    report: SharedReport,
}

/// A session that is over for the client, because a request for it was denied.
struct Denied;

impl Client {
    pub(super) fn new(nodes: Nodes, user: u64, pause: Duration, report: SharedReport) -> Self {
        Self { nodes, user: user.to_string(), pause, sessions: 0, report }
    }

    /// Uses sessions until the time is over.
    pub(super) async fn run_until(mut self, end: Instant) {
        while Instant::now() < end {
            self.sessions = self.sessions.wrapping_add(1);
            // A denied session has been counted.
            if self.use_session().await.is_err() {
                sleep(self.pause).await;
            }
        }
    }

    /// Logs in, refreshes singly and in pairs, and ends the session: by a logout, or by the reuse of an old token.
    async fn use_session(&self) -> Result<(), Denied> {
        let nodes = self.nodes.clone();
        let [here, there] = &nodes;
        if self.sessions.is_multiple_of(SESSIONS_PER_MISTAKE) {
            self.mistype(here).await;
        }
        let (first, errors) = retried(|| here.oauth.async_login(&self.user, PASSWORD)).await;
        self.report.errors("login", errors);
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
            sleep(self.pause).await;
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

    /// Logs in with a wrong password.
    async fn mistype(&self, node: &Node) {
        let (result, errors) = retried(|| node.oauth.async_login(&self.user, "wrong")).await;
        self.report.errors("login with a wrong password", errors);
        let is_refused = matches!(result, Err(GuardError::InvalidCredentials(_)));
        self.report.count(if is_refused { "wrong passwords refused" } else { WRONG_ACCEPTED });
    }

    async fn refresh(&self, node: &Node, pair: &TokenPair) -> Result<TokenPair, Denied> {
        let (next, errors) = retried(|| node.oauth.async_refresh(pair.refresh_token.as_str())).await;
        self.report.errors("refresh", errors);
        self.report.count("refreshes");
        next.map_err(|_| self.lose())
    }

    /// Refreshes with one token on both nodes at once: both must get the same successor.
    async fn refresh_at_once(&self, pair: &TokenPair) -> Result<TokenPair, Denied> {
        let [here, there] = [0, 1].map(|node| {
            let (nodes, token) = (self.nodes.clone(), pair.refresh_token.clone());
            tokio::spawn(async move {
                let node = nodes.get(node)?;
                Some(retried(|| node.oauth.async_refresh(token.as_str())).await)
            })
        });
        let mut successors = Vec::new();
        for refresh in [here, there] {
            let Some((successor, errors)) = refresh.await.ok().flatten() else { return Err(self.lose()) };
            self.report.errors("refresh", errors);
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
        let [node, _] = &self.nodes;
        let token = node.tokens.decode_refresh_token::<Payload>(&pair.refresh_token).ok()?;
        token.token_id().map(str::to_owned)
    }

    fn call_guarded(&self, node: &Node, pair: &TokenPair) {
        self.report.count("guarded calls");
        if guarded(pair.access_token.as_str(), &node.tokens).is_err() {
            self.report.count(GUARD_DENIED);
        }
    }

    async fn log_out(&self, node: &Node, pair: &TokenPair) {
        let (result, errors) = retried(|| node.oauth.async_logout(pair.refresh_token.as_str())).await;
        self.report.errors("logout", errors);
        self.report.count("logouts");
        if result.is_err() {
            self.lose();
        }
    }

    /// Presents a token that was replaced long ago, which ends the session.
    async fn reuse(&self, node: &Node, old: &TokenPair) {
        let (result, errors) = retried(|| node.oauth.async_refresh(old.refresh_token.as_str())).await;
        self.report.errors("reuse", errors);
        self.report.count("reuses of an old token");
        if result.is_ok() {
            self.report.count(OLDER_ACCEPTED);
        }
    }

    /// Checks that a node denies the tokens of an ended session: the access token soon, the refresh token at once.
    async fn check_denied(&self, node: &Node, pair: &TokenPair) {
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

    async fn check_refresh_denied(&self, node: &Node, pair: &TokenPair) {
        let (refreshed, errors) = retried(|| node.oauth.async_refresh(pair.refresh_token.as_str())).await;
        self.report.errors("refresh after logout", errors);
        self.report.count("refreshes after the end");
        if refreshed.is_ok() {
            self.report.count(REFRESHED_AFTER_LOGOUT);
        }
    }

    fn lose(&self) -> Denied {
        self.report.count(LOST);
        Denied
    }
}

const ROUNDS: u32 = 4;
/// Each fifth session ends by the reuse of an old token.
const SESSIONS_PER_REUSE: u32 = 5;
/// Before each third login the password is wrong.
const SESSIONS_PER_MISTAKE: u32 = 3;
/// The longest time that a node may take to learn of a logout: more than a server is down.
const LONGEST_DELAY: Duration = Duration::from_secs(30);
