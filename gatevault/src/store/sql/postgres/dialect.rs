//! The `PostgreSQL` dialect.

use sqlx::error::DatabaseError;
use sqlx::{Execute, Executor as _, Pool, Postgres};

use super::listening::{channel, listen};
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::sql::dialect::{Dialect, Fetching};
use crate::store::sql::statements::{
    LIST, REVOCATIONS_SINCE, Statements, find_at, insert_session, next_position, restamp_sessions, rotate_at,
};

/// The server's clock at the start of the statement, which nodes with different clocks agree on.
macro_rules! milliseconds {
    () => {
        "(EXTRACT(EPOCH FROM pg_catalog.statement_timestamp()) * 1000)::BIGINT"
    };
}

/// Revokes the sessions that match a condition, together with an optional further update.
///
/// The statement takes the revocation number first, and with it a lock until the commit. Revocations therefore happen one
/// after the other, and their numbers become visible in order. An update with `FROM numbered` waits for that lock.
macro_rules! revoke_where {
    ($condition:literal $(, $further:literal)?) => {
        concat!(
            "WITH numbered AS (", next_position!(), " RETURNING last_position)",
            $($further,)?
            ", ended AS (UPDATE gatevault_sessions AS sessions SET ended_at = ", milliseconds!(), " / 1000, \
             ended_position = numbered.last_position FROM numbered \
             WHERE sessions.ended_at IS NULL AND ", $condition, " RETURNING sessions.id) \
             SELECT id, pg_catalog.pg_notify('", channel!(), "', '') FROM ended"
        )
    };
}

impl Dialect for Postgres {
    /// Each operation is one statement, so that no lock is held while the server waits for an unresponsive client.
    const STATEMENTS: Statements = Statements {
        migrate: &[
            // Concurrent `CREATE .. IF NOT EXISTS` can fail. The number of the lock is "gate" in ASCII.
            "SELECT pg_catalog.pg_advisory_xact_lock(1734440037)",
            include_str!("../../../../migrations/postgres/0001_sessions.sql"),
        ],
        open: &[insert_session!()],
        open_and_restamp: &[concat!("WITH restamped AS (", restamp_sessions!(), ") ", insert_session!())],
        rotate: &[rotate_at!(milliseconds!())],
        find: &[find_at!(milliseconds!())],
        revoke_one: &[revoke_where!("sessions.user_id = $1 AND sessions.id = $2")],
        revoke_all: &[revoke_where!("sessions.user_id = $1")],
        revoke_others: &[revoke_where!(
            "sessions.user_id = $1 AND sessions.id <> $2",
            ", kept AS (UPDATE gatevault_sessions AS sessions SET stamp = $3 FROM numbered \
             WHERE sessions.user_id = $1 AND sessions.id = $2)"
        )],
        list: &[LIST],
        revocations_since: &[REVOCATIONS_SINCE],
        remove_expired: &[REMOVE_EXPIRED],
    };

    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";

    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        query: impl Execute<'c, Self> + 'c,
    ) -> Fetching<'c, Self> {
        connection.fetch_all(query)
    }

    /// Recognizes a serialization failure and a deadlock.
    fn is_transient(error: &dyn DatabaseError) -> bool {
        error.code().is_some_and(|code| ["40001", "40P01"].contains(&code.as_ref()))
    }

    fn listen(
        pool: &Pool<Self>,
        executor: &Executor,
        listener: RevocationListener,
    ) -> Option<RevocationSubscription> {
        Some(listen(pool.clone(), executor, listener))
    }
}

/// Removes what has expired by both clocks, so that a node with a fast clock removes no active session. Concurrent calls
/// do not wait for each other.
const REMOVE_EXPIRED: &str = concat!(
    "WITH clock AS (SELECT LEAST($1, ",
    milliseconds!(),
    " / 1000) AS now) \
     DELETE FROM gatevault_sessions WHERE id = ANY (ARRAY(\
     SELECT id FROM gatevault_sessions \
     WHERE last_day <= (SELECT now / 86400 FROM clock) \
     AND LEAST(expires_at, current_expires_at) <= (SELECT now FROM clock) \
     AND (ended_at IS NULL OR ended_at <= (SELECT now FROM clock) - $2) \
     LIMIT 1000 FOR UPDATE SKIP LOCKED)) \
     RETURNING id"
);
