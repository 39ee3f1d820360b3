-- The sessions of gatevault. Times are seconds since 1970 unless noted otherwise. Running this again changes nothing.

CREATE TABLE IF NOT EXISTS gatevault_sessions (
    id TEXT COLLATE "C" PRIMARY KEY,
    -- The pool and the id of the user, as JSON: no pool is null, and 42 and "42" are two users.
    pool TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    label TEXT,
    -- login or key.
    kind TEXT COLLATE "C" NOT NULL,
    authenticated_at BIGINT NOT NULL,
    -- The claims `acr` and `amr`, and the scopes to which the session is limited. JSON arrays, empty for none.
    acr TEXT,
    amr TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- 1 if the session outlives the browser that it began in.
    persistent BIGINT NOT NULL,
    -- The lifetime of each refresh token in seconds, and the grace in milliseconds. NULL: as the handler says.
    refresh_lifetime BIGINT,
    grace BIGINT,
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
    -- The time of the revocation, by the clock of this database. NULL unless the session was revoked.
    ended_at BIGINT,
    -- The day of expiry. Most rotations do not change it and therefore write to no index (a HOT update).
    last_day BIGINT NOT NULL GENERATED ALWAYS AS (LEAST(expires_at, current_expires_at) / 86400) STORED
) WITH (fillfactor = 80);

-- A hash index, because a user id may be longer than a B-tree entry. A login reads the user's sessions, so the index leaves
-- out the revoked ones.
CREATE INDEX IF NOT EXISTS gatevault_sessions_user ON gatevault_sessions USING hash (user_id) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS gatevault_sessions_last_day ON gatevault_sessions (last_day);

-- The revocations. They stay for as long as any accepted token can live, and a session's row may be removed before.
CREATE TABLE IF NOT EXISTS gatevault_revocations (
    entry BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The number of the revocation. Sessions that end together have the same.
    position BIGINT NOT NULL,
    -- session, token or user.
    kind TEXT NOT NULL,
    -- The issuer and the pool as JSON, null for none.
    issuer TEXT NOT NULL,
    pool TEXT NOT NULL,
    -- The `sid`, the `jti` or the id of the user, as JSON.
    id TEXT NOT NULL,
    -- The expiry of the token, or the second up to which the user's tokens were created.
    until BIGINT,
    -- By the clock of this database.
    recorded_at BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS gatevault_revocations_position ON gatevault_revocations (position);
CREATE INDEX IF NOT EXISTS gatevault_revocations_recorded_at ON gatevault_revocations (recorded_at);

-- The number of the last revocation, in one row. Each revocation locks the row until its commit, so that the numbers become
-- visible in order.
CREATE TABLE IF NOT EXISTS gatevault_session_ends (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    last_position BIGINT NOT NULL
);
