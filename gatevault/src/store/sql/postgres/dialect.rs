//! The `PostgreSQL` dialect.

use sqlx::error::DatabaseError;
use sqlx::postgres::PgRow;
use sqlx::{Execute, Executor as _, Postgres};

use super::listening::{channel, listen};
use super::literal::inline;
use super::migration::migrate;
use super::queue::{Queues, revoke};
use super::removal::{REMOVE_EXPIRED, REMOVE_REVOCATIONS, REMOVE_SPENT};
use super::route::{Route, is_about_statements};
use crate::session::{RevocationListener, RevocationSubscription};
use crate::store::executor::Executor;
use crate::store::sql::dialect::{Dialect, Fetching, Migrating, Parameter};
use crate::store::sql::pool::SqlPool;
use crate::store::sql::revoking::{Revoking, RevokingRequest};
use crate::store::sql::statements::{
    FIND, LIST, REVOCATIONS_SINCE, SPEND, Statements, active_login, details, insert_session, next_position,
    read_at, rotate_at, step_up_at, successor_expiry,
};

/// The server's clock at the start of the statement, which nodes with different clocks agree on.
macro_rules! milliseconds {
    () => {
        "(EXTRACT(EPOCH FROM pg_catalog.statement_timestamp()) * 1000)::BIGINT"
    };
}

/// Tells listeners that something was revoked: an expression.
macro_rules! notify {
    () => {
        concat!("pg_catalog.pg_notify('", channel!(), "', '')")
    };
}

/// Ends a session: the assignments of an update of `sessions`. The row expires within an hour.
macro_rules! end_assignments {
    () => {
        concat!(
            "ended_at = ",
            milliseconds!(),
            " / 1000, current_expires_at = LEAST(sessions.current_expires_at, ",
            milliseconds!(),
            " / 1000 + 3600)"
        )
    };
}
pub(super) use {end_assignments, milliseconds, notify};

/// Revokes the sessions whose ids a query returns: the first parts of a statement, of which `ended` has the ids of those
/// that it revoked.
///
/// If there are any, the statement takes the revocation number first, and with it a lock until the commit. Revocations
/// therefore happen one after the other, and their numbers become visible in order. An update that joins `numbered` waits
/// for that lock. A session that another statement has revoked meanwhile is left alone.
///
/// For a bare `ended_at IS NULL` over an empty table, the planner estimates so few sessions that it would rather read the
/// whole table than the index of the ids. For `CASE` it estimates half of the sessions.
macro_rules! end_targets {
    ($targets:expr) => {
        end_targets!($targets, "")
    };
    ($targets:expr, $further_condition:expr) => {
        concat!(
            "WITH targets AS (",
            $targets,
            "), numbered AS (",
            next_position!(concat!("EXISTS (SELECT 1 FROM targets)", $further_condition)),
            " RETURNING last_position), \
             ended AS (UPDATE gatevault_sessions AS sessions SET ",
            end_assignments!(),
            " FROM numbered, targets WHERE sessions.id = targets.id \
             AND CASE WHEN sessions.ended_at IS NULL THEN TRUE ELSE FALSE END \
             RETURNING sessions.id), \
             recorded AS (INSERT INTO gatevault_revocations (position, kind, issuer, pool, id, recorded_at) \
             SELECT numbered.last_position, 'session', 'null', 'null', pg_catalog.to_json(ended.id)::TEXT, ",
            milliseconds!(),
            " / 1000 FROM numbered, ended)"
        )
    };
}

/// Revokes the sessions that match a condition, together with an optional further update.
macro_rules! revoke_where {
    ($condition:literal $(, $further:expr)?) => {
        concat!(
            end_targets!(concat!("SELECT id FROM gatevault_sessions WHERE ended_at IS NULL AND ", $condition)),
            $($further,)?
            " SELECT id, ", notify!(), " FROM ended"
        )
    };
}

/// Joins an update to the number, so that it waits for the lock as well, if the statement takes one. Two statements that
/// lock in another order could wait for each other.
macro_rules! after_the_number {
    () => {
        " FROM (SELECT COUNT(*) FROM numbered) AS taken "
    };
}

/// The logins of a user above a limit, the newest first: a query.
macro_rules! excess {
    ($user:literal, $pool:literal, $now:literal, $limit:literal) => {
        concat!(
            "SELECT id FROM gatevault_sessions WHERE ",
            active_login!($user, $pool, $now),
            " ORDER BY authenticated_at DESC, id DESC OFFSET ",
            $limit
        )
    };
}

/// Revokes the logins above a limit, together with optional further changes, and returns the number that `$logins` selects.
///
/// If `$permission` is 0 and there are logins to revoke, changes nothing and returns 1 in the last column.
macro_rules! end_logins {
    ($targets:expr, $permission:literal, $logins:expr $(, $further:expr)*) => {
        concat!(
            end_targets!($targets, concat!(" AND ", $permission, " = 1")),
            $($further,)*
            " SELECT logins.number, ended.id, CASE WHEN ended.id IS NOT NULL THEN ", notify!(), " END, \
             CASE WHEN ", $permission, " = 0 AND EXISTS (SELECT 1 FROM targets) THEN 1::BIGINT END \
             FROM (", $logins, ") AS logins LEFT JOIN ended ON TRUE"
        )
    };
}

/// The condition of the further changes of a login.
macro_rules! is_permitted {
    () => {
        "($20 = 1 OR NOT EXISTS (SELECT 1 FROM targets))"
    };
}

/// Inserts a session and revokes the logins above the limit, together with an optional further update.
///
/// The statement does not see the logins of concurrent statements, so it returns how many it has seen.
macro_rules! open {
    ($($further:expr)?) => {
        end_logins!(
            excess!("$2", "$3", "$4", "$18"),
            "$20",
            concat!(
                "SELECT COUNT(*) AS number FROM gatevault_sessions WHERE ",
                active_login!("$2", "$3", "$4")
            ),
            $($further,)?
            concat!(", opened AS (", insert_session!("SELECT "), " WHERE ", is_permitted!(), ")")
        )
    };
}

impl Dialect for Postgres {
    /// Each operation is one statement, so that no lock is held while the server waits for an unresponsive client.
    const STATEMENTS: Statements = Statements {
        // One message, and therefore one transaction, even where a pooler permits no BEGIN.
        migrate: &[concat!(
            // Concurrent `CREATE .. IF NOT EXISTS` can fail. The number of the lock is "gate" in ASCII.
            "SELECT pg_catalog.pg_advisory_xact_lock(1734440037);",
            include_str!("../../../../migrations/postgres/0001_sessions.sql"),
            include_str!("../../../../migrations/postgres/0002_spent_tokens.sql"),
        )],
        open: &[open!()],
        open_and_restamp: &[open!(concat!(
            ", restamped AS (UPDATE gatevault_sessions AS sessions SET stamp = $9",
            after_the_number!(),
            "WHERE sessions.user_id = $2 AND sessions.pool = $3 AND sessions.kind = 'login' \
             AND sessions.ended_at IS NULL AND sessions.stamp = $19 \
             AND NOT EXISTS (SELECT 1 FROM targets WHERE targets.id = sessions.id) AND ",
            is_permitted!(),
            ")"
        ))],
        end_excess: &[end_logins!(excess!("$1", "$2", "$3", "$4"), "$5", "SELECT NULL::BIGINT AS number")],
        rotate: &[rotate_at!(milliseconds!())],
        step_up: &[step_up_at!(milliseconds!())],
        read: &[read_at!(milliseconds!())],
        find: &[FIND],
        spend: &[SPEND],
        revoke_one: &[revoke_where!("user_id = $1 AND pool = $5 AND id = $2")],
        revoke_all: &[revoke_where!("user_id = $1 AND pool = $5")],
        revoke_logins: &[revoke_where!("user_id = $1 AND pool = $5 AND kind = 'login'")],
        revoke_others: &[revoke_where!(
            "user_id = $1 AND pool = $5 AND kind = 'login' AND id <> $2",
            concat!(
                ", kept AS (UPDATE gatevault_sessions AS sessions SET stamp = $3",
                after_the_number!(),
                "WHERE sessions.user_id = $1 AND sessions.pool = $5 AND sessions.id = $2 \
                 AND sessions.kind = 'login' AND sessions.stamp <> $3)"
            )
        )],
        list: &[LIST],
        record_revocation: &[concat!(
            "WITH numbered AS (",
            next_position!("TRUE"),
            " RETURNING last_position), \
             recorded AS (INSERT INTO gatevault_revocations \
             (position, kind, issuer, pool, id, until, recorded_at) \
             SELECT last_position, $1, $2, $3, $4, $5, ",
            milliseconds!(),
            " / 1000 FROM numbered RETURNING id) \
             SELECT ",
            notify!(),
            " FROM recorded"
        )],
        revocations_since: &[REVOCATIONS_SINCE],
        remove_expired: &[REMOVE_EXPIRED],
        remove_revocations: &[REMOVE_REVOCATIONS],
        remove_spent: &[REMOVE_SPENT],
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

    type Route = Route;
    type Queues = Queues;

    /// Waits in a queue if the request takes the number. Most logins do not: a first attempt finds out, and changes nothing if
    /// the login is above the limit.
    fn revoke(pool: &SqlPool<Self>, request: RevokingRequest) -> Revoking<'_, PgRow> {
        Box::pin(revoke(pool, request))
    }

    fn inline(pool: &SqlPool<Self>, statement: &'static str, parameters: &[Parameter]) -> Option<String> {
        let keeps_statements = pool.route.keeps_statements(&pool.connections.connect_options());
        (!keeps_statements).then(|| inline(statement, parameters))
    }

    fn loses_statements(pool: &SqlPool<Self>) {
        pool.route.loses_statements();
    }

    fn is_about_statements(error: &dyn DatabaseError) -> bool {
        is_about_statements(error)
    }

    fn migrate(pool: &SqlPool<Self>) -> Migrating<'_> {
        Box::pin(migrate(pool))
    }

    fn listen(
        pool: &SqlPool<Self>,
        executor: &Executor,
        listener: RevocationListener,
    ) -> Option<RevocationSubscription> {
        listen(pool, executor, listener)
    }
}
