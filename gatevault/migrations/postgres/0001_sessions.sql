-- The sessions of gatevault. Times are seconds since 1970 unless noted otherwise. Running this again changes nothing.

CREATE TABLE IF NOT EXISTS gatevault_sessions (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- JSON: 42 and "42" are two users.
    user_id TEXT COLLATE "C" NOT NULL,
    label TEXT,
    authenticated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The `jti` of the current refresh token, and of the previous one.
    current_id TEXT NOT NULL,
    current_issued_at BIGINT NOT NULL,
    current_expires_at BIGINT NOT NULL,
    previous_id TEXT,
    -- Milliseconds, by the clock of this database. NULL before the first rotation.
    rotated_at BIGINT,
    -- A fingerprint of the user's password hash (the security stamp).
    stamp TEXT NOT NULL,
    -- The revocation: its time by the clock of this database, and its number. NULL unless the session was revoked.
    ended_at BIGINT,
    ended_position BIGINT,
    -- The day of expiry. Most rotations do not change it and therefore write to no index (a HOT update).
    last_day BIGINT NOT NULL GENERATED ALWAYS AS (LEAST(expires_at, current_expires_at) / 86400) STORED
) WITH (fillfactor = 80);

-- A hash index, because a user id may be longer than a B-tree entry.
CREATE INDEX IF NOT EXISTS gatevault_sessions_user ON gatevault_sessions USING hash (user_id);
CREATE INDEX IF NOT EXISTS gatevault_sessions_ended ON gatevault_sessions (ended_position) WHERE ended_position IS NOT NULL;
CREATE INDEX IF NOT EXISTS gatevault_sessions_last_day ON gatevault_sessions (last_day);

-- The number of the last revocation, in one row. Each revocation locks the row until its commit, so that the numbers become
-- visible in order.
CREATE TABLE IF NOT EXISTS gatevault_session_ends (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    last_position BIGINT NOT NULL
);
