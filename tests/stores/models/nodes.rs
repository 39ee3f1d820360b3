//! Nodes that follow a store and guard functions, and what the model says of the access tokens that they are given.

use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use gatevault::error::InvalidReason;
use gatevault::session::{Revocation, RevocationKind, StalePolicy};
use gatevault::testing::{ManualClock, mint};
use gatevault::{
    Clock as _, Payload, RevocationFeed, SessionStore, Timestamp, TokenError, TokenManager, UserId,
};
use gatevault_session_model::{Checked, KEPT_FOR, Mismatch, Model, Row, later};
use gatevault_tests::SECRET;
use tokio::time::sleep;

/// A node that has followed the store from the beginning, and the access tokens of a service that logs users in.
pub(crate) struct Nodes {
    store: Arc<dyn SessionStore>,
    clock: ManualClock,
    /// Create the tokens, for users without a pool and for those of the pool `staff`.
    services: [TokenManager; 2],
    lasting: Node,
    tokens: Vec<AccessToken>,
    longest_wait: Duration,
}

struct AccessToken {
    text: String,
    id: String,
    session: String,
    pool: Option<String>,
    user: UserId,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// The managers of one node, for users without a pool and for those of the pool `staff`, with their feeds.
struct Node {
    guards: [TokenManager; 2],
    _feeds: [RevocationFeed; 2],
}

/// The reason why a node does not answer as the model.
enum Difference {
    /// The node has not read the revocations yet.
    Unknown,
    Other(Mismatch),
}

impl Node {
    fn follow(store: &Arc<dyn SessionStore>, clock: &ManualClock) -> Self {
        let guards = managers(clock);
        let feeds = guards.each_ref().map(|tokens| {
            let feed = RevocationFeed::of(Arc::clone(store)).poll_interval(Duration::from_millis(10));
            let feed = feed.max_staleness(Duration::from_hours(24)).when_stale(StalePolicy::Deny);
            feed.follow(tokens).unwrap()
        });
        Self { guards, _feeds: feeds }
    }

    /// Compares the answers to all tokens with the model.
    fn compare(&self, tokens: &[AccessToken], model: &Model, now: Timestamp) -> Result<(), Difference> {
        for token in tokens {
            let guard = of_pool(&self.guards, token.pool.as_ref());
            let is_valid = token.is_valid(model, now);
            let answer = guard.decode_access_token::<Payload>(&token.text);
            let is_as_expected = match &answer {
                Ok(_) => is_valid,
                Err(TokenError::Invalid(InvalidReason::RevocationsUnknown)) => {
                    return Err(Difference::Unknown);
                }
                Err(TokenError::Expired) => now >= token.expires_at,
                Err(TokenError::Invalid(InvalidReason::Revoked)) => !is_valid,
                Err(_) => false,
            };
            if !is_as_expected {
                let (session, answer) = (&token.session, answer.map(|_| ()));
                let message =
                    format!("the access token of {session} is valid: {is_valid}; a guard says {answer:?}");
                return Err(Difference::Other(Mismatch::new(message)));
            }
        }
        Ok(())
    }
}

/// Creates a manager for users without a pool, and one for those of the pool `staff`.
fn managers(clock: &ManualClock) -> [TokenManager; 2] {
    let builder = || {
        let builder = TokenManager::builder().secret(SECRET).clock(clock.clone());
        builder.clock_skew(Duration::ZERO).refresh_expiry(KEPT_FOR)
    };
    [builder(), builder().user_pools(["staff"])].map(|builder| builder.build().unwrap())
}

fn of_pool<'m>([unpooled, staff]: &'m [TokenManager; 2], pool: Option<&String>) -> &'m TokenManager {
    if pool.is_some() { staff } else { unpooled }
}

impl AccessToken {
    fn is_valid(&self, model: &Model, now: Timestamp) -> bool {
        let is_ended = model.rows.iter().any(|row| row.id == self.session && row.revoked_at.is_some());
        now < self.expires_at
            && !is_ended
            && !model.revocations().any(|revocation| self.is_revoked_by(revocation))
    }

    fn is_revoked_by(&self, revocation: &Revocation) -> bool {
        let until = revocation.until.unwrap_or(self.issued_at);
        let of_user = Revocation::of_user(&self.user, until);
        let is_of_user = revocation.pool == self.pool && revocation.id == of_user.id;
        match revocation.kind {
            RevocationKind::User => is_of_user && self.issued_at <= until,
            // The time that the lookup of a user takes at most, and no claim that says when it was.
            RevocationKind::AccessTokens => {
                is_of_user && self.issued_at <= later(until, Duration::from_secs(10))
            }
            RevocationKind::Token => revocation.id == self.id,
            _ => false,
        }
    }
}

impl Nodes {
    pub(crate) fn follow(store: Arc<dyn SessionStore>, now: Timestamp) -> Self {
        let clock = ManualClock::at(now.system_time());
        let (services, lasting) = (managers(&clock), Node::follow(&store, &clock));
        Self { store, clock, services, lasting, tokens: Vec::new(), longest_wait: LONGEST_WAIT }
    }

    /// Sets the time that a node has to learn of a revocation.
    pub(crate) fn wait_at_most(self, longest_wait: Duration) -> Self {
        Self { longest_wait, ..self }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Creates an access token of an hour for a session that was opened. Returns its `jti`.
    pub(crate) fn opened(&mut self, session: &Row) -> String {
        let service = of_pool(&self.services, session.pool.as_ref());
        let lifetime = Duration::from_hours(1);
        let mut token = mint(service).session(session.id.clone()).lifetime(lifetime);
        if let Some(pool) = &session.pool {
            token = token.pool(pool.clone());
        }
        let text = token.token(&Payload::new(session.user.clone()));
        let verified = service.decode_access_token::<Payload>(&text).unwrap();
        let id = verified.token_id().unwrap().to_owned();
        let issued_at = self.now();
        self.tokens.push(AccessToken {
            text,
            id: id.clone(),
            session: session.id.clone(),
            pool: session.pool.clone(),
            user: session.user.clone(),
            issued_at,
            expires_at: later(issued_at, lifetime),
        });
        id
    }

    fn now(&self) -> Timestamp {
        let now = self.clock.now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp::from_seconds(now.as_secs()).unwrap()
    }

    /// Compares the guards of the node that has followed the store, once it has had time to, and of one that starts now.
    pub(crate) async fn compare(&self, model: &Model, now: Timestamp) -> Checked {
        let is_late = |_: &Difference| true;
        self.compare_with(&self.lasting, model, now, is_late).await?;
        let starting = Node::follow(&self.store, &self.clock);
        // The first answers are those of all revocations.
        self.compare_with(&starting, model, now, |difference| matches!(difference, Difference::Unknown)).await
    }

    /// Compares until the node answers as the model, or the difference is final.
    async fn compare_with(
        &self,
        node: &Node,
        model: &Model,
        now: Timestamp,
        may_end: impl Fn(&Difference) -> bool,
    ) -> Checked {
        let start = Instant::now();
        loop {
            match node.compare(&self.tokens, model, now) {
                Ok(()) => return Ok(()),
                Err(difference) if may_end(&difference) && start.elapsed() < self.longest_wait => {
                    sleep(Duration::from_millis(2)).await;
                }
                Err(Difference::Unknown) => {
                    return Err(Mismatch::new("a node does not read the revocations"));
                }
                Err(Difference::Other(mismatch)) => return Err(mismatch),
            }
        }
    }
}

/// A guard against a node that never learns of a revocation.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
