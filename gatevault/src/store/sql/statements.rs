//! The SQL that both databases share. All dialects get the same parameters, even if one of them does not use each.

/// The statements of one transaction, with shared parameters. Without parameters, each string may hold several statements.
pub(super) type Script = &'static [&'static str];

/// The script of each operation, in one dialect.
pub(super) struct Statements {
    /// Creates the tables.
    pub(super) migrate: Script,
    /// Inserts a session: `$1` id, `$2` user, `$3` label, `$4` now, `$5` expiry, `$6` `$7` `$8` ticket, `$9` stamp.
    pub(super) open: Script,
    /// Inserts a session likewise, and gives the new stamp to the user's sessions with the stamp `$10`.
    pub(super) open_and_restamp: Script,
    /// Rotates the token if it is current: `$1` id, `$2` token, `$3` stamp, `$4` now, `$5` `$6` `$7` successor. Returns the
    /// successor's expiry.
    pub(super) rotate: Script,
    /// Reads a session: `$1` id, `$2` now.
    pub(super) find: Script,
    /// Revokes a session: `$1` user, `$2` id, `$3` stamp, `$4` now. Returns the ids of the sessions that were active.
    pub(super) revoke_one: Script,
    /// Revokes all sessions of the user, with the same parameters.
    pub(super) revoke_all: Script,
    /// Revokes all sessions except `$2`, which gets the stamp, with the same parameters.
    pub(super) revoke_others: Script,
    /// Lists the active sessions: `$1` user, `$2` now.
    pub(super) list: Script,
    /// Returns the last position and the sessions revoked after the position `$1`, and at the time `$2` or later.
    pub(super) revocations_since: Script,
    /// Removes a batch of expired sessions: `$1` now, `$2` the seconds for which a revocation is kept. Returns a row for each.
    pub(super) remove_expired: Script,
}

pub(super) const LIST: &str = "\
    SELECT id, label, authenticated_at, current_id, current_issued_at, current_expires_at \
    FROM gatevault_sessions \
    WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND current_expires_at > $2 \
    ORDER BY authenticated_at DESC, id DESC";

/// One statement, so that no revocation comes between the position and the list.
pub(super) const REVOCATIONS_SINCE: &str = "\
    SELECT ends.last_position, sessions.id \
    FROM (SELECT COALESCE((SELECT last_position FROM gatevault_session_ends), 0) AS last_position) AS ends \
    LEFT JOIN gatevault_sessions AS sessions \
    ON sessions.ended_position > $1 AND sessions.ended_at >= $2";

/// Inserts the session. A macro, because `concat!` takes only literals.
macro_rules! insert_session {
    () => {
        "INSERT INTO gatevault_sessions (id, user_id, label, authenticated_at, expires_at, \
         current_id, current_issued_at, current_expires_at, stamp) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    };
}

/// Gives the new stamp to the user's sessions with the previous one.
macro_rules! restamp_sessions {
    () => {
        "UPDATE gatevault_sessions SET stamp = $9 WHERE user_id = $2 AND stamp = $10"
    };
}

/// Rotates the current token, by a clock in milliseconds.
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

/// Reads a session, with the milliseconds since its last rotation by the same clock.
macro_rules! find_at {
    ($clock:expr) => {
        concat!(
            "SELECT user_id, current_id, current_issued_at, current_expires_at, previous_id, ",
            $clock,
            " - rotated_at, stamp, expires_at, ended_at FROM gatevault_sessions WHERE id = $1"
        )
    };
}

/// Takes the next revocation number. The first revocation creates the row that holds it.
macro_rules! next_position {
    () => {
        "INSERT INTO gatevault_session_ends AS ends (only_row, last_position) VALUES (1, 1) \
         ON CONFLICT (only_row) DO UPDATE SET last_position = ends.last_position + 1"
    };
}

pub(super) use {find_at, insert_session, next_position, restamp_sessions, rotate_at};
