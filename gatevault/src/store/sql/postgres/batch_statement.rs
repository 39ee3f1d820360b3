//! The statement that serves several requests at once.

use super::dialect::{end_assignments, milliseconds, notify};
use super::listening::channel;
use crate::store::sql::statements::{Script, next_position};

/// Finds the sessions of each request through an index, as the statement of a single request does.
///
/// `OFFSET 0` keeps the planner from joining all sessions with all requests.
macro_rules! look_up {
    ($requests:literal, $condition:literal) => {
        concat!(
            "SELECT requests.number, requests.stamp, found.id FROM requests CROSS JOIN LATERAL (\
             SELECT id, stamp FROM gatevault_sessions WHERE user_id = requests.user_id AND pool = requests.pool AND ",
            $condition,
            " OFFSET 0) AS found WHERE ",
            $requests
        )
    };
}

/// Ends the sessions of the requests `$1`, and records the revocations `$2`, both JSON arrays of objects, under one number.
///
/// Returns the id of each session that was active, and the number of the first request that it matches. Several requests of
/// one owner are here only if none of them has a stamp.
///
/// `single = 1` is true for each row. The planner estimates one row in 200, so that it finds the sessions to update by their
/// primary key even without statistics, such as those of a table that was empty. For a bare `ended_at IS NULL` it estimates so
/// few sessions that it would rather read the whole table; for `CASE` it estimates half of them.
pub(super) const RUN_TOGETHER: Script = &[concat!(
    "WITH requests AS MATERIALIZED (SELECT * FROM pg_catalog.json_to_recordset($1::pg_catalog.json) AS requests \
     (number BIGINT, target TEXT, user_id TEXT, pool TEXT, session TEXT, stamp TEXT)), \
     revocations AS MATERIALIZED (SELECT * FROM pg_catalog.json_to_recordset($2::pg_catalog.json) AS revocations \
     (kind TEXT, issuer TEXT, pool TEXT, id TEXT, until BIGINT)), \
     matches AS (",
    look_up!("requests.target = 'one'", "ended_at IS NULL AND id = requests.session"),
    " UNION ALL ",
    // All of them, where the request has none to keep.
    look_up!(
        "requests.target <> 'one'",
        "ended_at IS NULL AND (requests.target = 'all' OR kind = 'login') AND id IS DISTINCT FROM requests.session"
    ),
    "), targets AS MATERIALIZED (SELECT id, MIN(number) AS number, 1 AS single FROM matches GROUP BY id), \
     restamps AS MATERIALIZED (SELECT id, stamp, 1 AS single FROM (",
    look_up!(
        "requests.stamp IS NOT NULL",
        "id = requests.session AND kind = 'login' AND stamp <> requests.stamp"
    ),
    ") AS kept), numbered AS (",
    next_position!(
        "EXISTS (SELECT 1 FROM targets) OR EXISTS (SELECT 1 FROM restamps) OR EXISTS (SELECT 1 FROM revocations)"
    ),
    " RETURNING last_position), \
    ended AS (UPDATE gatevault_sessions AS sessions SET ",
    end_assignments!(),
    " FROM numbered, targets \
     WHERE targets.single = 1 AND sessions.id = targets.id AND CASE WHEN sessions.ended_at IS NULL THEN TRUE ELSE FALSE END \
     RETURNING sessions.id, targets.number), \
     restamped AS (UPDATE gatevault_sessions AS sessions SET stamp = restamps.stamp FROM numbered, restamps \
     WHERE restamps.single = 1 AND sessions.id = restamps.id), \
     recorded AS (INSERT INTO gatevault_revocations (position, kind, issuer, pool, id, until, recorded_at) \
     SELECT numbered.last_position, changes.*, ",
    milliseconds!(),
    " / 1000 FROM numbered, (\
     SELECT 'session', 'null', 'null', pg_catalog.to_json(id)::TEXT, NULL::BIGINT FROM ended \
     UNION ALL SELECT kind, issuer, pool, id, until FROM revocations) AS changes) \
     SELECT changes.id, ",
    notify!(),
    ", changes.number FROM (SELECT id, number FROM ended UNION ALL SELECT NULL, NULL FROM revocations) AS changes",
)];
