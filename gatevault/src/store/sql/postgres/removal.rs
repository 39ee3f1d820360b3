//! The statements that remove what is no longer needed, a batch each. Concurrent calls do not wait for each other, because they
//! skip what another has locked, and nothing else waits for an expired row.

use super::dialect::milliseconds;

/// The earlier time of both clocks, so that a node with a fast clock removes nothing too early.
macro_rules! earlier_clock {
    () => {
        concat!("WITH clock AS (SELECT LEAST($1, ", milliseconds!(), " / 1000) AS now)")
    };
}

/// The ids that a query returns, as the table `removed`, to join with the table that has them.
///
/// The planner does not know the limit, so it expects one id and uses the index of any table. A plan for a list of ids, made
/// while the table is empty, reads the table, and compares each row with the whole list. With partitions, it looks each id up
/// in all of them.
macro_rules! removed {
    ($ids:expr, $limit:literal) => {
        concat!("(SELECT pg_catalog.unnest(ARRAY(", $ids, ")) AS id LIMIT (SELECT ", $limit, ")) AS removed ")
    };
}

/// Removes sessions that have expired by both clocks: those of past days, and if there are none, those of today.
///
/// The index has only the day of the expiry, so a batch looks at the first 20,000 sessions of today and leaves the others until
/// the day is past. Otherwise each batch would read all sessions of the day, also the active ones. It looks at them without a
/// lock, for which their refreshes would wait, and tests them again when it locks those that have expired.
///
/// The order makes the planner use the index. It does not know the day, and would read a table of any size. Where it knows the
/// limit, it would rather sort if it expects fewer rows: after many more were inserted, that takes as long as there are rows.
pub(super) const REMOVE_EXPIRED: &str = concat!(
    earlier_clock!(),
    ", past AS (SELECT id FROM gatevault_sessions \
     WHERE last_day < (SELECT now / 86400 FROM clock) \
     ORDER BY last_day LIMIT (SELECT 5000) FOR UPDATE SKIP LOCKED), \
     first AS (SELECT id, LEAST(expires_at, current_expires_at) AS expiry FROM gatevault_sessions \
     WHERE last_day <= (SELECT now / 86400 FROM clock) ORDER BY last_day LIMIT (SELECT 20000)), \
     today AS (SELECT sessions.id FROM ",
    removed!("SELECT id FROM first WHERE expiry <= (SELECT now FROM clock)", 20000),
    "JOIN gatevault_sessions AS sessions ON sessions.id = removed.id WHERE NOT EXISTS (SELECT FROM past) \
     AND LEAST(sessions.expires_at, sessions.current_expires_at) <= (SELECT now FROM clock) \
     LIMIT (SELECT 5000) FOR UPDATE OF sessions SKIP LOCKED) \
     DELETE FROM gatevault_sessions AS sessions USING ",
    removed!("SELECT id FROM past UNION ALL SELECT id FROM today", 5000),
    "WHERE sessions.id = removed.id RETURNING sessions.id"
);

/// Removes the revocations that have been kept long enough by both clocks.
pub(super) const REMOVE_REVOCATIONS: &str = concat!(
    earlier_clock!(),
    " DELETE FROM gatevault_revocations AS revocations USING ",
    removed!(
        "SELECT entry FROM gatevault_revocations \
         WHERE recorded_at >= $3 AND recorded_at <= (SELECT now FROM clock) - $2 \
         AND (kind <> 'token' OR COALESCE(until, 0) <= (SELECT now FROM clock) - 86400) \
         ORDER BY recorded_at LIMIT (SELECT 1000) FOR UPDATE SKIP LOCKED",
        1000
    ),
    "WHERE revocations.entry = removed.id RETURNING revocations.recorded_at"
);

/// Removes the spent tokens that have been kept long enough by both clocks.
pub(super) const REMOVE_SPENT: &str = concat!(
    earlier_clock!(),
    " DELETE FROM gatevault_spent_tokens AS spent USING ",
    removed!(
        "SELECT id FROM gatevault_spent_tokens WHERE kept_until <= (SELECT now FROM clock) \
         ORDER BY kept_until LIMIT (SELECT 1000) FOR UPDATE SKIP LOCKED",
        1000
    ),
    "WHERE spent.id = removed.id RETURNING spent.id"
);
