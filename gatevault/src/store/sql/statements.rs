//! The SQL that both databases share. All dialects get the same parameters, even if one of them does not use each.

/// The statements of one transaction, with shared parameters. Without parameters, each string may hold several statements.
pub(super) type Script = &'static [&'static str];

/// The script of each operation, in one dialect.
pub(super) struct Statements {
    /// Creates the tables.
    pub(super) migrate: Script,
    /// Inserts a session and revokes the user's oldest logins, except the `$18` newest ones and the new session.
    ///
    /// `$1` id, `$2` user, `$3` pool, `$4` now and the ticket's time of issue, `$5` expiry, `$6` `$8` id and expiry of the ticket,
    /// `$7` time of the authentication, `$9` stamp, `$10` label, `$11` kind,
    /// `$12` acr, `$13` amr, `$14` scopes, `$15` persistent, `$16` refresh lifetime, `$17` grace. Returns the number of
    /// logins before, or null where no other login can come in between, and the id of a revoked one, if there is one.
    ///
    /// `PostgreSQL` gets `$20` as well: if it is 0 and there is a session to revoke, the statement changes nothing, and returns
    /// 1 in the fourth column.
    pub(super) open: Script,
    /// Does the same, and gives the new stamp to the user's logins with the stamp `$19`.
    pub(super) open_and_restamp: Script,
    /// Revokes the user's oldest logins, except the `$4` newest ones: `$1` user, `$2` pool, `$3` now. Returns null and the
    /// ids. In `PostgreSQL`, `$5` is what `$20` is in `open`.
    pub(super) end_excess: Script,
    /// Rotates the token if it is current: `$1` id, `$2` token, `$3` stamp, `$4` now, `$5` `$6` `$7` successor, `$8` pool.
    /// Returns the successor's expiry and the details.
    pub(super) rotate: Script,
    /// Writes a new authentication into an active login and rotates its token: `$1` id, `$2` user, `$3` stamp, `$4` now,
    /// `$5` `$6` `$7` successor, `$8` pool, `$9` acr, `$10` amr. If the successor is current, the token stays the same.
    /// Returns what `rotate` returns.
    pub(super) step_up: Script,
    /// Reads a session: `$1` id, `$2` now, `$3` pool.
    pub(super) read: Script,
    /// Reads a session if it is active, with the same parameters.
    pub(super) find: Script,
    /// Records a spent token, if it was not recorded before: `$1` id, `$2` the time until which to keep it. Returns a row if it
    /// did.
    pub(super) spend: Script,
    /// Revokes a session: `$1` user, `$2` id, `$3` stamp, `$4` now, `$5` pool. Returns the ids of the sessions that were
    /// active. If there are none, writes nothing.
    pub(super) revoke_one: Script,
    /// Revokes all sessions of the user, with the same parameters.
    pub(super) revoke_all: Script,
    /// Revokes all logins of the user, with the same parameters.
    pub(super) revoke_logins: Script,
    /// Revokes all logins except `$2`, which gets the stamp, with the same parameters.
    pub(super) revoke_others: Script,
    /// Lists the active sessions: `$1` user, `$2` now, `$3` pool.
    pub(super) list: Script,
    /// Records a revocation: `$1` kind, `$2` issuer, `$3` pool, `$4` id, `$5` until, `$6` now.
    pub(super) record_revocation: Script,
    /// Returns the last position and the revocations after the position `$1`, recorded at the time `$2` or later.
    pub(super) revocations_since: Script,
    /// Removes a batch of expired sessions: `$1` now. Returns a row for each.
    pub(super) remove_expired: Script,
    /// Removes a batch of revocations, the oldest first: `$1` now, `$2` the seconds for which they are kept, `$3` the earliest
    /// time of recording. Those of tokens stay until a day after their expiry, the longest leeway. Returns for each
    /// the time at which it was recorded.
    pub(super) remove_revocations: Script,
    /// Removes a batch of spent tokens: `$1` now. Returns a row for each.
    pub(super) remove_spent: Script,
}

/// The columns of the details of a session.
macro_rules! details {
    () => {
        "kind, authenticated_at, acr, amr, scopes, persistent, refresh_lifetime, grace"
    };
}

pub(super) const LIST: &str = concat!(
    "SELECT id, label, current_id, current_issued_at, current_expires_at, ",
    details!(),
    " FROM gatevault_sessions \
     WHERE user_id = $1 AND pool = $3 AND ended_at IS NULL AND expires_at > $2 AND current_expires_at > $2 \
     ORDER BY authenticated_at DESC, id DESC"
);

/// One statement, so that no revocation comes between the position and the list.
///
/// The plus keeps SQLite from reading the whole table by the index of the other column at each poll.
pub(super) const REVOCATIONS_SINCE: &str = "\
    SELECT ends.last_position, revoked.kind, revoked.issuer, revoked.pool, revoked.id, revoked.until \
    FROM (SELECT COALESCE((SELECT last_position FROM gatevault_session_ends), 0) AS last_position) AS ends \
    LEFT JOIN gatevault_revocations AS revoked \
    ON revoked.position > $1 AND + revoked.recorded_at >= $2";

/// Inserts the session. A macro, because `concat!` takes only literals.
macro_rules! insert_session {
    () => {
        concat!(insert_session!("VALUES ("), ")")
    };
    // The beginning of a query that returns the values.
    ($before_values:literal) => {
        concat!(
            "INSERT INTO gatevault_sessions (id, user_id, pool, authenticated_at, expires_at, \
             current_id, current_issued_at, current_expires_at, stamp, \
             label, kind, acr, amr, scopes, persistent, refresh_lifetime, grace) ",
            $before_values,
            "$1, $2, $3, $7, $5, $6, $4, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17"
        )
    };
}

/// The active logins of a user: the conditions on a row.
macro_rules! active_login {
    ($user:literal, $pool:literal, $now:literal) => {
        concat!(
            "user_id = ",
            $user,
            " AND pool = ",
            $pool,
            " AND kind = 'login' AND ended_at IS NULL AND expires_at > ",
            $now,
            " AND current_expires_at > ",
            $now
        )
    };
}

/// Reads an active session.
pub(super) const FIND: &str = concat!(
    "SELECT user_id, label, expires_at, current_id, current_issued_at, current_expires_at, ",
    details!(),
    " FROM gatevault_sessions \
     WHERE id = $1 AND pool = $3 AND ended_at IS NULL AND expires_at > $2 AND current_expires_at > $2"
);

/// Records a spent token. The primary key decides which of several concurrent statements is the first.
pub(super) const SPEND: &str = "INSERT INTO gatevault_spent_tokens (id, kept_until) VALUES ($1, $2) \
    ON CONFLICT (id) DO NOTHING RETURNING id";

/// The expiry of the successor `$5` `$6` `$7`. Written so that no sum overflows.
macro_rules! successor_expiry {
    () => {
        "CASE WHEN COALESCE(refresh_lifetime, $7 - $6) < expires_at - $6 \
         THEN $6 + COALESCE(refresh_lifetime, $7 - $6) ELSE expires_at END"
    };
}

/// Writes a new authentication into an active login and rotates its token, by a clock in milliseconds.
///
/// `CASE` keeps `PostgreSQL` from the index of the users: over an empty table, the planner would choose it, and a statement that
/// stays prepared would read all sessions of the user.
macro_rules! step_up_at {
    ($clock:expr) => {
        concat!(
            "UPDATE gatevault_sessions SET authenticated_at = $4, acr = $9, amr = $10, \
             previous_id = CASE WHEN current_id = $5 THEN previous_id ELSE current_id END, \
             rotated_at = CASE WHEN current_id = $5 THEN rotated_at ELSE ",
            $clock,
            " END, current_id = $5, current_issued_at = $6, current_expires_at = ",
            successor_expiry!(),
            " WHERE id = $1 AND pool = $8 AND CASE WHEN user_id = $2 THEN TRUE ELSE FALSE END \
             AND kind = 'login' AND stamp = $3 AND ended_at IS NULL \
             AND expires_at > $4 AND current_expires_at > $4 RETURNING current_expires_at, ",
            details!()
        )
    };
}

/// Rotates the current token, by a clock in milliseconds.
macro_rules! rotate_at {
    ($clock:expr) => {
        concat!(
            "UPDATE gatevault_sessions SET previous_id = current_id, current_id = $5, current_issued_at = $6, \
             current_expires_at = ",
            successor_expiry!(),
            ", rotated_at = ",
            $clock,
            " WHERE id = $1 AND pool = $8 AND current_id = $2 AND stamp = $3 AND ended_at IS NULL \
             AND expires_at > $4 RETURNING current_expires_at, ",
            details!()
        )
    };
}

/// Reads a session, with the milliseconds since its last rotation by the same clock.
macro_rules! read_at {
    ($clock:expr) => {
        concat!(
            "SELECT user_id, current_id, current_issued_at, current_expires_at, previous_id, ",
            $clock,
            " - rotated_at, stamp, expires_at, ended_at, ",
            details!(),
            " FROM gatevault_sessions WHERE id = $1 AND pool = $3"
        )
    };
}

/// Takes the next revocation number if the condition is true. The first revocation creates the row that holds it.
macro_rules! next_position {
    ($condition:expr) => {
        concat!(
            "INSERT INTO gatevault_session_ends AS ends (only_row, last_position) SELECT 1, 1 WHERE ",
            $condition,
            " ON CONFLICT (only_row) DO UPDATE SET last_position = ends.last_position + 1"
        )
    };
}

pub(super) use {
    active_login, details, insert_session, next_position, read_at, rotate_at, step_up_at, successor_expiry,
};
