//! The SQLite dialect.

use sqlx::error::DatabaseError;
use sqlx::{Execute, Executor as _, Sqlite};

use crate::store::sql::dialect::{Dialect, Fetching};
use crate::store::sql::statements::{
    LIST, REVOCATIONS_SINCE, Statements, find_at, insert_session, next_position, restamp_sessions, rotate_at,
};

/// Revokes the sessions that match a condition, under the number that was taken before.
macro_rules! revoke_where {
    ($condition:literal) => {
        concat!(
            "UPDATE gatevault_sessions SET ended_at = $4, \
             ended_position = (SELECT last_position FROM gatevault_session_ends) \
             WHERE ended_at IS NULL AND ",
            $condition,
            " RETURNING id"
        )
    };
}

impl Dialect for Sqlite {
    const STATEMENTS: Statements = Statements {
        migrate: &[include_str!("../../../../migrations/sqlite/0001_sessions.sql")],
        open: &[insert_session!()],
        open_and_restamp: &[restamp_sessions!(), insert_session!()],
        // Processes that share a file share a clock.
        rotate: &[rotate_at!("$4 * 1000")],
        find: &[find_at!("$2 * 1000")],
        revoke_one: &[next_position!(), revoke_where!("user_id = $1 AND id = $2")],
        revoke_all: &[next_position!(), revoke_where!("user_id = $1")],
        revoke_others: &[
            "UPDATE gatevault_sessions SET stamp = $3 WHERE user_id = $1 AND id = $2",
            next_position!(),
            revoke_where!("user_id = $1 AND id <> $2"),
        ],
        list: &[LIST],
        revocations_since: &[REVOCATIONS_SINCE],
        remove_expired: &["DELETE FROM gatevault_sessions WHERE id IN (\
             SELECT id FROM gatevault_sessions WHERE MIN(expires_at, current_expires_at) <= $1 \
             AND (ended_at IS NULL OR ended_at <= $1 - $2) LIMIT 1000) \
             RETURNING id"],
    };

    /// Takes the write lock at once: a later upgrade fails if another writer was faster.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

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
