-- The sessions of gatevault. Times are seconds since 1970 unless noted otherwise. Running this again changes nothing.

CREATE TABLE IF NOT EXISTS gatevault_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    -- JSON: 42 and "42" are two users.
    user_id TEXT NOT NULL,
    label TEXT,
    authenticated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- The `jti` of the current refresh token, and of the previous one.
    current_id TEXT NOT NULL,
    current_issued_at INTEGER NOT NULL,
    current_expires_at INTEGER NOT NULL,
    previous_id TEXT,
    -- Milliseconds. NULL before the first rotation.
    rotated_at INTEGER,
    -- A fingerprint of the user's password hash (the security stamp).
    stamp TEXT NOT NULL,
    -- The revocation: its time and its number. NULL unless the session was revoked.
    ended_at INTEGER,
    ended_position INTEGER
);

CREATE INDEX IF NOT EXISTS gatevault_sessions_user ON gatevault_sessions (user_id);
CREATE INDEX IF NOT EXISTS gatevault_sessions_ended ON gatevault_sessions (ended_position) WHERE ended_position IS NOT NULL;
CREATE INDEX IF NOT EXISTS gatevault_sessions_over ON gatevault_sessions (MIN(expires_at, current_expires_at));

-- The number of the last revocation, in one row: it does not decrease when revoked sessions are removed.
CREATE TABLE IF NOT EXISTS gatevault_session_ends (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    last_position INTEGER NOT NULL
);
