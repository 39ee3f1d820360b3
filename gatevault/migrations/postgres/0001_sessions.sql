-- Sessions of gatevault. Moments are seconds since 1970 unless it is said otherwise. To run this again changes nothing.

CREATE TABLE IF NOT EXISTS gatevault_sessions (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- A number as digits, a text as JSON: 42 and "42" are two users.
    user_id TEXT COLLATE "C" NOT NULL,
    label TEXT,
    authenticated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The refresh token that is good now, by its `jti`, and the one before it.
    current_id TEXT NOT NULL,
    current_issued_at BIGINT NOT NULL,
    current_expires_at BIGINT NOT NULL,
    previous_id TEXT,
    -- Milliseconds, by the clock of this database; null before the first rotation.
    rotated_at BIGINT,
    -- What the user's password is recognised by.
    stamp TEXT NOT NULL,
    -- By the clock of this database; null while the session has not been ended.
    ended_at BIGINT,
    ended_position BIGINT,
    -- The day on which it will be over. Most rotations leave it as it is, and so write to no index (a HOT update).
    last_day BIGINT NOT NULL GENERATED ALWAYS AS (LEAST(expires_at, current_expires_at) / 86400) STORED
) WITH (fillfactor = 80);

-- By hash: the id of a user may be longer than what a B-tree holds.
CREATE INDEX IF NOT EXISTS gatevault_sessions_user ON gatevault_sessions USING hash (user_id);
CREATE INDEX IF NOT EXISTS gatevault_sessions_ended ON gatevault_sessions (ended_position) WHERE ended_position IS NOT NULL;
CREATE INDEX IF NOT EXISTS gatevault_sessions_last_day ON gatevault_sessions (last_day);

-- The number of the last end, in one row. Whoever ends sessions locks it until the commit, so that numbers become
-- visible in their order.
CREATE TABLE IF NOT EXISTS gatevault_session_ends (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    last_position BIGINT NOT NULL
);
