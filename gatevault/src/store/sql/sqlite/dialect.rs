//! The SQLite dialect.

use sqlx::error::DatabaseError;
use sqlx::{Execute, Executor as _, Sqlite};

use crate::store::sql::dialect::{Dialect, Fetching, Migrating};
use crate::store::sql::pool::SqlPool;
use crate::store::sql::sqlite::migration::migrate;
use crate::store::sql::statements::{
    FIND, LIST, REVOCATIONS_SINCE, SPEND, Statements, active_login, details, insert_session, next_position,
    read_at, rotate_at, step_up_at, successor_expiry,
};

/// Takes the next number if a session that was not revoked matches the condition.
macro_rules! number_if {
    ($condition:expr) => {
        next_position!(concat!(
            "EXISTS (SELECT 1 FROM gatevault_sessions WHERE ended_at IS NULL AND ",
            $condition,
            ")"
        ))
    };
}

/// Records the revocation of the sessions that match a condition, under the number that was taken before.
macro_rules! record_where {
    ($condition:expr) => {
        concat!(
            "INSERT INTO gatevault_revocations (position, kind, issuer, pool, id, recorded_at) \
             SELECT last_position, 'session', 'null', 'null', json_quote(id), $4 \
             FROM gatevault_session_ends, gatevault_sessions WHERE ended_at IS NULL AND ",
            $condition
        )
    };
}

/// Revokes the sessions that match a condition. Their rows expire within an hour.
macro_rules! end_where {
    ($condition:expr, $returned:literal) => {
        concat!(
            "UPDATE gatevault_sessions SET ended_at = $4, current_expires_at = MIN(current_expires_at, $4 + 3600) \
             WHERE ended_at IS NULL AND ",
            $condition,
            " RETURNING ",
            $returned
        )
    };
}

/// The logins above the limit, apart from the new session: a condition.
macro_rules! is_excess {
    () => {
        concat!(
            "id IN (SELECT id FROM gatevault_sessions WHERE ",
            active_login!("$2", "$3", "$4"),
            " AND id <> $1 ORDER BY authenticated_at DESC, id DESC LIMIT -1 OFFSET $18)"
        )
    };
}

/// The session `$2` of the user: a condition.
macro_rules! one {
    () => {
        "user_id = $1 AND pool = $5 AND id = $2"
    };
}

/// The sessions of the user: a condition.
macro_rules! all {
    () => {
        "user_id = $1 AND pool = $5"
    };
}

/// The logins of the user: a condition.
macro_rules! logins {
    () => {
        "user_id = $1 AND pool = $5 AND kind = 'login'"
    };
}

/// The other logins of the user: a condition.
macro_rules! others {
    () => {
        "user_id = $1 AND pool = $5 AND kind = 'login' AND id <> $2"
    };
}

impl Dialect for Sqlite {
    /// A script holds the write lock from its beginning, so that the conditions of its statements match the same sessions.
    const STATEMENTS: Statements = Statements {
        migrate: &[
            include_str!("../../../../migrations/sqlite/0001_sessions.sql"),
            include_str!("../../../../migrations/sqlite/0002_spent_tokens.sql"),
        ],
        open: &[
            insert_session!(),
            number_if!(is_excess!()),
            record_where!(is_excess!()),
            end_where!(is_excess!(), "NULL, id"),
        ],
        open_and_restamp: &[
            "UPDATE gatevault_sessions SET stamp = $9 \
             WHERE user_id = $2 AND pool = $3 AND kind = 'login' AND ended_at IS NULL AND stamp = $19",
            insert_session!(),
            number_if!(is_excess!()),
            record_where!(is_excess!()),
            end_where!(is_excess!(), "NULL, id"),
        ],
        end_excess: &[],
        // Processes that share a file share a clock.
        rotate: &[rotate_at!("$4 * 1000")],
        step_up: &[step_up_at!("$4 * 1000")],
        read: &[read_at!("$2 * 1000")],
        find: &[FIND],
        spend: &[SPEND],
        revoke_one: &[number_if!(one!()), record_where!(one!()), end_where!(one!(), "id")],
        revoke_all: &[number_if!(all!()), record_where!(all!()), end_where!(all!(), "id")],
        revoke_logins: &[number_if!(logins!()), record_where!(logins!()), end_where!(logins!(), "id")],
        revoke_others: &[
            "UPDATE gatevault_sessions SET stamp = $3 \
             WHERE user_id = $1 AND pool = $5 AND id = $2 AND kind = 'login' AND stamp <> $3",
            number_if!(others!()),
            record_where!(others!()),
            end_where!(others!(), "id"),
        ],
        list: &[LIST],
        record_revocation: &[
            next_position!("TRUE"),
            "INSERT INTO gatevault_revocations (position, kind, issuer, pool, id, until, recorded_at) \
             SELECT last_position, $1, $2, $3, $4, $5, $6 FROM gatevault_session_ends",
        ],
        revocations_since: &[REVOCATIONS_SINCE],
        // While a batch runs, every other operation waits.
        remove_expired: &["DELETE FROM gatevault_sessions WHERE id IN (\
             SELECT id FROM gatevault_sessions WHERE MIN(expires_at, current_expires_at) <= $1 LIMIT 100) \
             RETURNING id"],
        remove_revocations: &["DELETE FROM gatevault_revocations WHERE entry IN (\
             SELECT entry FROM gatevault_revocations WHERE recorded_at >= $3 AND recorded_at <= $1 - $2 \
             AND (kind <> 'token' OR COALESCE(until, 0) <= $1 - 86400) ORDER BY recorded_at LIMIT 100) \
             RETURNING recorded_at"],
        remove_spent: &["DELETE FROM gatevault_spent_tokens WHERE id IN (\
             SELECT id FROM gatevault_spent_tokens WHERE kept_until <= $1 ORDER BY kept_until LIMIT 100) \
             RETURNING id"],
    };

    /// Takes the write lock at once: a later upgrade fails if another writer was faster.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

    /// Nothing: the database is in this process.
    type Route = ();

    /// None: the statements wait for each other in the pool, whose one connection they all share.
    type Queues = ();

    fn migrate(pool: &SqlPool<Self>) -> Migrating<'_> {
        Box::pin(migrate(pool))
    }

    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        query: impl Execute<'c, Self> + 'c,
    ) -> Fetching<'c, Self> {
        connection.fetch_all(query)
    }

    /// Recognizes `SQLITE_BUSY` and `SQLITE_LOCKED`, in the low byte of an extended result code.
    fn is_transient(error: &dyn DatabaseError) -> bool {
        let code: Option<u32> = error.code().and_then(|code| code.parse().ok());
        code.is_some_and(|code| [5, 6].contains(&(code & 0xff)))
    }
}
