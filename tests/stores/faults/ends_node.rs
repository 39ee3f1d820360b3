//! Requests to a store, without a handler, and what a PostgreSQL server sees of them.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RefreshTicket, Revocation, RevocationBatch,
    RevocationCursor, RevokeSessions, RevokeTarget, Rotation, RotationOutcome, SessionDetails, SessionKind,
    SpendToken, StepUp, StoredSession,
};
use gatevault::{PostgresSessions, SessionStore, StoreError, Timestamp};
use gatevault_servers::PostgresServer;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Postgres, Transaction};

/// A caller of a store, with a fixed time: the machine's, which the servers use as well.
#[derive(Clone)]
pub(crate) struct Node {
    store: Arc<dyn SessionStore>,
    now: u64,
}

impl Node {
    pub(crate) fn to(store: Arc<dyn SessionStore>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        Self { store, now }
    }

    pub(crate) fn over_pool(pool: &PgPool, limit: Duration) -> Self {
        Self::to(Arc::new(PostgresSessions::new(pool.clone()).unwrap().time_limit(limit)))
    }

    fn at(&self, seconds: u64) -> Timestamp {
        Timestamp::from_seconds(self.now + seconds).unwrap()
    }

    /// Creates a session of a day whose first token has the id of the session and `-1`. A limit of 0 is none.
    pub(crate) fn login(&self, id: &str, user: &str, limit: usize) -> NewSession {
        let first = RefreshTicket::new(format!("{id}-1"), self.at(0), self.at(3600));
        let details = SessionDetails::new(self.at(0));
        let mut session =
            NewSession::new(id.to_owned(), user.into(), self.at(86_400), first, "stamp".to_owned(), details);
        session.limit = (limit > 0).then_some(limit);
        session
    }

    /// Creates the session of an API key, as [`login`](Self::login) does.
    pub(crate) fn key(&self, id: &str, user: &str) -> NewSession {
        let mut session = self.login(id, user, 0);
        session.details.kind = SessionKind::Key;
        session
    }

    pub(crate) async fn open(&self, session: NewSession) -> Result<Vec<String>, StoreError> {
        self.store.open(session).await
    }

    /// Replaces the token with this number by the next.
    pub(crate) async fn rotate(&self, id: &str, number: usize) -> Result<RotationOutcome, StoreError> {
        let successor = RefreshTicket::new(format!("{id}-{}", number + 1), self.at(0), self.at(3600));
        let (presented, stamp) = (format!("{id}-{number}"), "stamp".to_owned());
        let grace = Duration::from_secs(10);
        self.store.rotate(Rotation::new(id.to_owned(), presented, successor, stamp, grace, self.at(0))).await
    }

    /// Steps a session up to the token with this number, which its class names.
    pub(crate) async fn step_up(
        &self,
        id: &str,
        user: &str,
        number: usize,
    ) -> Result<RotationOutcome, StoreError> {
        let successor = RefreshTicket::new(format!("{id}-{number}"), self.at(0), self.at(3600));
        let stamp = "stamp".to_owned();
        let mut request = StepUp::new(id.to_owned(), user.into(), successor, stamp, self.at(0));
        request.acr = Some(format!("class {number}"));
        self.store.step_up(request).await
    }

    pub(crate) async fn find(&self, id: &str) -> Result<Option<StoredSession>, StoreError> {
        self.store.find(FindSession::new(id.to_owned(), self.at(0))).await
    }

    /// Spends a token that expires in an hour.
    pub(crate) async fn spend(&self, id: &str) -> Result<bool, StoreError> {
        self.store.spend(SpendToken::new(id.to_owned(), self.at(3600), self.at(0))).await
    }

    /// Revokes sessions of a user and returns the ids of those that were active, in order.
    pub(crate) async fn revoke(&self, user: &str, target: RevokeTarget) -> Result<Vec<String>, StoreError> {
        let mut ended = self.store.revoke(RevokeSessions::new(user.into(), target, self.at(0))).await?;
        ended.sort();
        Ok(ended)
    }

    pub(crate) async fn record_token(&self, id: &str) -> Result<(), StoreError> {
        let revocation = Revocation::of_token(id, self.at(3600));
        self.store.record_revocation(NewRevocation::new(revocation, self.at(0))).await
    }

    /// Returns the ids of the active sessions of a user.
    pub(crate) async fn ids(&self, user: &str) -> Result<Vec<String>, StoreError> {
        let sessions = self.store.list(ListSessions::new(user.into(), self.at(0))).await?;
        Ok(sessions.into_iter().map(|session| session.id).collect())
    }

    pub(crate) async fn since(&self, position: u64) -> Result<RevocationBatch, StoreError> {
        self.store.revocations_since(RevocationCursor::Position(position)).await
    }
}

/// A server with the tables of a store, and a view of it from outside.
pub(crate) struct Database {
    pub(crate) server: PostgresServer,
    pub(crate) pool: PgPool,
}

impl Database {
    pub(crate) async fn start() -> Self {
        Self::on(PostgresServer::start(), "postgres").await
    }

    pub(crate) async fn on(server: PostgresServer, database: &str) -> Self {
        let options: PgConnectOptions = server.url().parse().unwrap();
        let pool = PgPool::connect_with(options.database(database)).await.unwrap();
        PostgresSessions::new(pool.clone()).unwrap().migrate().await.unwrap();
        Self { server, pool }
    }

    /// Returns a process over a pool of its own.
    pub(crate) async fn node(&self, connections: u32, limit: Duration) -> Node {
        let options = (*self.pool.connect_options()).clone();
        let pool = PgPoolOptions::new().max_connections(connections).connect_with(options).await.unwrap();
        Node::over_pool(&pool, limit)
    }

    pub(crate) async fn node_at(&self, url: &str, connections: u32, limit: Duration) -> Node {
        let options = url.parse::<PgConnectOptions>().unwrap().extra_float_digits(None);
        let pool = PgPoolOptions::new().max_connections(connections).connect_with(options).await.unwrap();
        Node::over_pool(&pool, limit)
    }

    /// Returns a process whose connections have this setting, such as an isolation level.
    pub(crate) async fn node_with(&self, setting: (&str, &str)) -> Node {
        let options = (*self.pool.connect_options()).clone().options([setting]);
        let pool = PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap();
        Node::over_pool(&pool, LONG)
    }

    /// Locks the row of the last number, for which all that revokes something waits until the transaction ends.
    pub(crate) async fn hold_the_number(&self) -> Transaction<'static, Postgres> {
        let mut transaction = self.pool.begin().await.unwrap();
        let lock = "INSERT INTO gatevault_session_ends VALUES (1, 0) \
                    ON CONFLICT (only_row) DO UPDATE SET last_position = gatevault_session_ends.last_position";
        sqlx::query(lock).execute(&mut *transaction).await.unwrap();
        transaction
    }

    /// Returns what the query counts.
    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }

    /// Returns the number of statements that wait for a lock.
    pub(crate) async fn waiting(&self) -> i64 {
        self.count("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'").await
    }
}

/// A limit for a test in which no operation reaches it.
pub(crate) const LONG: Duration = Duration::from_secs(30);
