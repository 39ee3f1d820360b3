//! What is said to SQLite.

use sqlx::error::DatabaseError;
use sqlx::{Execute, Executor as _, Sqlite};

use crate::store::sql::dialect::{Dialect, Fetching};
use crate::store::sql::statements::{
    ENDED, LIST, Statements, find_at, insert_session, number_end, restamp_sessions, rotate_at,
};

/// Ends the sessions that a condition is true of, under the number that was taken before.
macro_rules! end_where {
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
        open_restamping: &[restamp_sessions!(), insert_session!()],
        // Whoever shares a file shares a clock.
        rotate: &[rotate_at!("$4 * 1000")],
        find: &[find_at!("$2 * 1000")],
        end_one: &[number_end!(), end_where!("user_id = $1 AND id = $2")],
        end_all: &[number_end!(), end_where!("user_id = $1")],
        end_others: &[
            "UPDATE gatevault_sessions SET stamp = $3 WHERE user_id = $1 AND id = $2",
            number_end!(),
            end_where!("user_id = $1 AND id <> $2"),
        ],
        list: &[LIST],
        ended: &[ENDED],
        remove_expired: &["DELETE FROM gatevault_sessions WHERE id IN (\
             SELECT id FROM gatevault_sessions WHERE MIN(expires_at, current_expires_at) <= $1 LIMIT 1000) \
             RETURNING id"],
    };

    /// The lock for writing at once: to ask for it later fails where another writer was faster.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

    fn fetch<'c>(
        connection: &'c mut Self::Connection,
        query: impl Execute<'c, Self> + 'c,
    ) -> Fetching<'c, Self> {
        connection.fetch_all(query)
    }

    /// `SQLITE_BUSY` and `SQLITE_LOCKED`, in the low byte of whatever code says more.
    fn is_passing(error: &dyn DatabaseError) -> bool {
        let code: Option<u32> = error.code().and_then(|code| code.parse().ok());
        code.is_some_and(|code| [5, 6].contains(&(code & 0xff)))
    }
}
