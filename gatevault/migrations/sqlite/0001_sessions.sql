-- Sessions of gatevault. Moments are seconds since 1970 unless it is said otherwise. To run this again changes nothing.

CREATE TABLE IF NOT EXISTS gatevault_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    -- A number as digits, a text as JSON: 42 and "42" are two users.
    user_id TEXT NOT NULL,
    label TEXT,
    authenticated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- The refresh token that is good now, by its `jti`, and the one before it.
    current_id TEXT NOT NULL,
    current_issued_at INTEGER NOT NULL,
    current_expires_at INTEGER NOT NULL,
    previous_id TEXT,
    -- Milliseconds; null before the first rotation.
    rotated_at INTEGER,
    -- What the user's password is recognised by.
    stamp TEXT NOT NULL,
    -- Null while the session has not been ended.
    ended_at INTEGER,
    ended_position INTEGER
);

CREATE INDEX IF NOT EXISTS gatevault_sessions_user ON gatevault_sessions (user_id);
CREATE INDEX IF NOT EXISTS gatevault_sessions_ended ON gatevault_sessions (ended_position) WHERE ended_position IS NOT NULL;
CREATE INDEX IF NOT EXISTS gatevault_sessions_over ON gatevault_sessions (MIN(expires_at, current_expires_at));

-- The number of the last end, in one row: it does not go back when ended sessions are removed.
CREATE TABLE IF NOT EXISTS gatevault_session_ends (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    last_position INTEGER NOT NULL
);
