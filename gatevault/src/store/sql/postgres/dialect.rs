//! What is said to `PostgreSQL`.

use sqlx::error::DatabaseError;
use sqlx::{Execute, Executor as _, Pool, Postgres};

use super::listening::{begin, channel};
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::sql::dialect::{Dialect, Fetching};
use crate::store::sql::statements::{
    ENDED, LIST, Statements, find_at, insert_session, number_end, restamp_sessions, rotate_at,
};

/// The clock of the server, as the statement begins: nodes whose clocks differ agree on it.
macro_rules! milliseconds {
    () => {
        "(EXTRACT(EPOCH FROM pg_catalog.statement_timestamp()) * 1000)::BIGINT"
    };
}

/// Ends the sessions that a condition is true of, and with it does something else.
///
/// The number is taken first, and with it a lock that lasts until the commit: who ends sessions does so one after the
/// other, and numbers become visible in their order. What `FROM numbered` updates waits for it.
macro_rules! end_where {
    ($condition:literal $(, $besides:literal)?) => {
        concat!(
            "WITH numbered AS (", number_end!(), " RETURNING last_position)",
            $($besides,)?
            ", ended AS (UPDATE gatevault_sessions AS sessions SET ended_at = ", milliseconds!(), " / 1000, \
             ended_position = numbered.last_position FROM numbered \
             WHERE sessions.ended_at IS NULL AND ", $condition, " RETURNING sessions.id) \
             SELECT id, pg_catalog.pg_notify('", channel!(), "', '') FROM ended"
        )
    };
}

impl Dialect for Postgres {
    /// Each operation is one statement, so that no lock waits for a client that has gone silent.
    const STATEMENTS: Statements = Statements {
        migrate: &[
            // `IF NOT EXISTS` fails for one of two who do it at the same time. The number is ours: "gate" in ASCII.
            "SELECT pg_catalog.pg_advisory_xact_lock(1734440037)",
            include_str!("../../../../migrations/postgres/0001_sessions.sql"),
        ],
        open: &[insert_session!()],
        open_restamping: &[concat!("WITH restamped AS (", restamp_sessions!(), ") ", insert_session!())],
        rotate: &[rotate_at!(milliseconds!())],
        find: &[find_at!(milliseconds!())],
        end_one: &[end_where!("sessions.user_id = $1 AND sessions.id = $2")],
        end_all: &[end_where!("sessions.user_id = $1")],
        end_others: &[end_where!(
            "sessions.user_id = $1 AND sessions.id <> $2",
            ", kept AS (UPDATE gatevault_sessions AS sessions SET stamp = $3 FROM numbered \
             WHERE sessions.user_id = $1 AND sessions.id = $2)"
        )],
        list: &[LIST],
        ended: &[ENDED],
        remove_expired: &[REMOVE_EXPIRED],
    };

    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";

    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        query: impl Execute<'c, Self> + 'c,
    ) -> Fetching<'c, Self> {
        connection.fetch_all(query)
    }

    /// A serialization failure, or a deadlock.
    fn is_passing(error: &dyn DatabaseError) -> bool {
        error.code().is_some_and(|code| ["40001", "40P01"].contains(&code.as_ref()))
    }

    fn listen(
        pool: &Pool<Self>,
        executor: &Executor,
        listener: RevocationListener,
    ) -> Option<RevocationSubscription> {
        Some(begin(pool.clone(), executor, listener))
    }
}

/// Only what is over by both clocks: one that is fast must not take what is alive. Of two who clean up, neither waits.
const REMOVE_EXPIRED: &str = concat!(
    "WITH clock AS (SELECT LEAST($1, ",
    milliseconds!(),
    " / 1000) AS now) \
     DELETE FROM gatevault_sessions WHERE id = ANY (ARRAY(\
     SELECT id FROM gatevault_sessions \
     WHERE last_day <= (SELECT now / 86400 FROM clock) \
     AND LEAST(expires_at, current_expires_at) <= (SELECT now FROM clock) \
     LIMIT 1000 FOR UPDATE SKIP LOCKED)) \
     RETURNING id"
);
