//! What is said to a database. A parameter that one database needs and another does not is there for both.

/// The statements of one transaction. They share their parameters; without any, each may be several statements.
pub(super) type Script = &'static [&'static str];

/// The statements of each operation, in one database.
pub(super) struct Statements {
    /// Makes the tables.
    pub(super) migrate: Script,
    /// `$1` id, `$2` user, `$3` label, `$4` now, `$5` end, `$6` `$7` `$8` ticket, `$9` stamp.
    pub(super) open: Script,
    /// The same, and sessions of the user with the stamp `$10` get the new one.
    pub(super) open_restamping: Script,
    /// `$1` id, `$2` token, `$3` stamp, `$4` now, `$5` `$6` `$7` successor: its end, if the token was the current one.
    pub(super) rotate: Script,
    /// `$1` id, `$2` now: the session as it is.
    pub(super) find: Script,
    /// `$1` user, `$2` id, `$3` stamp, `$4` now: the ids of what has ended.
    pub(super) end_one: Script,
    pub(super) end_all: Script,
    /// All but `$2`, which gets the stamp.
    pub(super) end_others: Script,
    /// `$1` user, `$2` now.
    pub(super) list: Script,
    /// `$1` position and `$2` moment: the last position, and what has ended behind both.
    pub(super) ended: Script,
    /// `$1` now: a row for each session of a batch.
    pub(super) remove_expired: Script,
}

pub(super) const LIST: &str = "\
    SELECT id, label, authenticated_at, current_id, current_issued_at, current_expires_at \
    FROM gatevault_sessions \
    WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND current_expires_at > $2 \
    ORDER BY authenticated_at DESC, id DESC";

/// One statement, lest an end come between the number and the list.
pub(super) const ENDED: &str = "\
    SELECT ends.last_position, sessions.id \
    FROM (SELECT COALESCE((SELECT last_position FROM gatevault_session_ends), 0) AS last_position) AS ends \
    LEFT JOIN gatevault_sessions AS sessions \
    ON sessions.ended_position > $1 AND sessions.ended_at >= $2";

/// Inserts the session; a macro, since only literals can be put together here.
macro_rules! insert_session {
    () => {
        "INSERT INTO gatevault_sessions (id, user_id, label, authenticated_at, expires_at, \
         current_id, current_issued_at, current_expires_at, stamp) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    };
}

/// Gives the user's sessions the new stamp.
macro_rules! restamp_sessions {
    () => {
        "UPDATE gatevault_sessions SET stamp = $9 WHERE user_id = $2 AND stamp = $10"
    };
}

/// Exchanges the token, by a clock that tells milliseconds.
macro_rules! rotate_at {
    ($clock:expr) => {
        concat!(
            "UPDATE gatevault_sessions SET previous_id = current_id, current_id = $5, current_issued_at = $6, \
             current_expires_at = CASE WHEN $7 < expires_at THEN $7 ELSE expires_at END, rotated_at = ",
            $clock,
            " WHERE id = $1 AND current_id = $2 AND stamp = $3 AND ended_at IS NULL AND expires_at > $4 \
             RETURNING current_expires_at"
        )
    };
}

/// Reads a session, with how long ago it was rotated by the same clock.
macro_rules! find_at {
    ($clock:expr) => {
        concat!(
            "SELECT user_id, current_id, current_issued_at, current_expires_at, previous_id, ",
            $clock,
            " - rotated_at, stamp, expires_at, ended_at FROM gatevault_sessions WHERE id = $1"
        )
    };
}

/// Takes the next number of an end. The row that holds it is there from the first end on.
macro_rules! number_end {
    () => {
        "INSERT INTO gatevault_session_ends AS ends (only_row, last_position) VALUES (1, 1) \
         ON CONFLICT (only_row) DO UPDATE SET last_position = ends.last_position + 1"
    };
}

pub(super) use {find_at, insert_session, number_end, restamp_sessions, rotate_at};
