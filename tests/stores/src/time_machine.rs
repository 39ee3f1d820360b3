//! `TimeMachine`: lets time pass for a store whose server has a clock of its own.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault::{SessionStore, Timestamp};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, raw_sql};
use tokio::sync::RwLock;

use crate::backend::Server;
use crate::shifted::Shifted;

/// A store, and the clock of its server.
///
/// No test can set the clock of a server. So this makes all that the server has recorded older, and adds as much to each time that
/// the store is given or returns: for its callers, the time has passed.
pub struct TimeMachine {
    store: Arc<dyn SessionStore>,
    start: Timestamp,
    passed: Arc<RwLock<u64>>,
    clock: ServerClock,
}

/// A server whose records can be made older.
enum ServerClock {
    None,
    Postgres(Box<PgConnection>),
    Redis { connection: Box<redis::Connection>, prefix: String },
}

impl TimeMachine {
    pub(crate) async fn over(store: Arc<dyn SessionStore>, server: Server) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let (start, passed) = (Timestamp::from_seconds(now).unwrap(), Arc::default());
        let clock = match server {
            Server::None => return Self { store, start, passed, clock: ServerClock::None },
            Server::Postgres(options) => ServerClock::Postgres(Box::new(options.connect().await.unwrap())),
            Server::Redis { url, prefix } => {
                let connection = Box::new(redis::Client::open(url).unwrap().get_connection().unwrap());
                ServerClock::Redis { connection, prefix }
            }
        };
        // The positions of Redis are times in microseconds.
        let positions = if matches!(clock, ServerClock::Redis { .. }) { 1_000_000 } else { 0 };
        let store = Arc::new(Shifted::new(store, Arc::clone(&passed), positions));
        Self { store, start, passed, clock }
    }

    /// Returns the store, for callers whose clocks are advanced together with that of the server.
    #[must_use]
    pub fn store(&self) -> Arc<dyn SessionStore> {
        Arc::clone(&self.store)
    }

    /// Returns the time of the machine, at which the time begins.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// Returns whether the server has a clock, which is ahead of the callers' by the time that the test has taken.
    #[must_use]
    pub fn has_clock(&self) -> bool {
        !matches!(self.clock, ServerClock::None)
    }

    /// Lets time pass on the server. Callers advance their own clocks by the same time.
    pub async fn advance(&mut self, by: Duration) {
        let seconds = by.as_secs();
        if seconds == 0 {
            return;
        }
        let mut passed = self.passed.write().await;
        match &mut self.clock {
            ServerClock::None => return,
            ServerClock::Postgres(connection) => {
                let age = AssertSqlSafe(AGE_IN_POSTGRES.replace("$1", &seconds.to_string()));
                raw_sql(age).execute(&mut **connection).await.unwrap();
            }
            ServerClock::Redis { connection, prefix } => {
                let age = redis::Script::new(include_str!("age.lua"));
                age.arg(&**prefix).arg(seconds).invoke::<()>(&mut **connection).unwrap();
            }
        }
        *passed = passed.saturating_add(seconds);
    }

    /// Removes all that the store has, where the server has no other place for an empty store.
    pub async fn clear(&mut self) {
        if let ServerClock::Postgres(connection) = &mut self.clock {
            raw_sql(CLEAR_POSTGRES).execute(&mut **connection).await.unwrap();
        }
    }
}

/// One message, and therefore one transaction.
const AGE_IN_POSTGRES: &str = "\
    UPDATE gatevault_sessions SET authenticated_at = authenticated_at - $1, expires_at = expires_at - $1, \
    current_issued_at = current_issued_at - $1, current_expires_at = current_expires_at - $1, \
    rotated_at = rotated_at - $1 * 1000::BIGINT, ended_at = ended_at - $1; \
    UPDATE gatevault_revocations SET until = until - $1, recorded_at = recorded_at - $1; \
    UPDATE gatevault_spent_tokens SET kept_until = kept_until - $1";

const CLEAR_POSTGRES: &str = "\
    DELETE FROM gatevault_sessions; DELETE FROM gatevault_revocations; \
    DELETE FROM gatevault_session_ends; DELETE FROM gatevault_spent_tokens";

impl fmt::Debug for TimeMachine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeMachine").field("start", &self.start).finish_non_exhaustive()
    }
}
