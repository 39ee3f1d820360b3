CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE, -- the canonical spelling
    skeleton TEXT NOT NULL UNIQUE, -- no two names look alike
    password_hash TEXT NOT NULL,
    -- The security stamp: sessions with another one end at their next refresh. A change of the password must change it too.
    stamp INTEGER NOT NULL DEFAULT 0,
    -- Who reads these secrets can compute codes. In production, encrypt them with a key that is not in the database.
    totp_secret BLOB, -- NULL: no second factor
    totp_new_secret BLOB, -- shown to the user, and not confirmed by a code yet
    totp_last_step INTEGER NOT NULL DEFAULT 0, -- the step of the last code that was used
    attempts INTEGER NOT NULL DEFAULT 0, -- pending logins are bound to it, and each attempt adds one
    wrong_codes INTEGER NOT NULL DEFAULT 0, -- since the last right one
    next_attempt_at INTEGER NOT NULL DEFAULT 0 -- in seconds since 1970
) STRICT;

-- A code is deleted when it is used.
CREATE TABLE IF NOT EXISTS recovery_codes (
    account INTEGER NOT NULL REFERENCES accounts (id),
    digest BLOB NOT NULL,
    PRIMARY KEY (account, digest)
) STRICT, WITHOUT ROWID;
