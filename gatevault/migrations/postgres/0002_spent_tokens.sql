-- The tokens that were used, of those that may be used once. Times are seconds since 1970. Running this again changes nothing.

CREATE TABLE IF NOT EXISTS gatevault_spent_tokens (
    -- The `jti`.
    id TEXT COLLATE "C" PRIMARY KEY,
    -- The time from which on no caller can accept the token.
    kept_until BIGINT NOT NULL
);

CREATE INDEX IF NOT EXISTS gatevault_spent_tokens_kept_until ON gatevault_spent_tokens (kept_until);
