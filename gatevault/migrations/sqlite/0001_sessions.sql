-- The sessions of gatevault. Times are seconds since 1970 unless noted otherwise. Running this again changes nothing.

CREATE TABLE IF NOT EXISTS gatevault_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    -- The pool and the id of the user, as JSON: no pool is null, and 42 and "42" are two users.
    pool TEXT NOT NULL,
    user_id TEXT NOT NULL,
    label TEXT,
    -- login or key.
    kind TEXT NOT NULL,
    authenticated_at INTEGER NOT NULL,
    -- The claims `acr` and `amr`, and the scopes to which the session is limited. JSON arrays, empty for none.
    acr TEXT,
    amr TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- 1 if the session outlives the browser that it began in.
    persistent INTEGER NOT NULL,
    -- The lifetime of each refresh token in seconds, and the grace in milliseconds. NULL: as the handler says.
    refresh_lifetime INTEGER,
    grace INTEGER,
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
    -- The time of the revocation. NULL unless the session was revoked.
    ended_at INTEGER
);

-- A login reads the user's sessions, so the index leaves out the revoked ones.
CREATE INDEX IF NOT EXISTS gatevault_sessions_user ON gatevault_sessions (user_id, pool) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS gatevault_sessions_over ON gatevault_sessions (MIN(expires_at, current_expires_at));

-- The revocations. They stay for as long as any accepted token can live, and a session's row may be removed before.
CREATE TABLE IF NOT EXISTS gatevault_revocations (
    entry INTEGER NOT NULL PRIMARY KEY,
    -- The number of the revocation. Sessions that end together have the same.
    position INTEGER NOT NULL,
    -- session, token or user.
    kind TEXT NOT NULL,
    -- The issuer and the pool as JSON, null for none.
    issuer TEXT NOT NULL,
    pool TEXT NOT NULL,
    -- The `sid`, the `jti` or the id of the user, as JSON.
    id TEXT NOT NULL,
    -- The expiry of the token, or the second up to which the user's tokens were created.
    until INTEGER,
    recorded_at INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS gatevault_revocations_position ON gatevault_revocations (position);
CREATE INDEX IF NOT EXISTS gatevault_revocations_recorded_at ON gatevault_revocations (recorded_at);

-- The number of the last revocation, in one row: it does not decrease when revocations are removed.
CREATE TABLE IF NOT EXISTS gatevault_session_ends (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    last_position INTEGER NOT NULL
);
