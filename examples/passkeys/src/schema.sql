CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, -- a random UUID, which authenticators store as well: it tells nothing about the user
    name TEXT NOT NULL -- what the authenticator shows to its owner
) STRICT;

CREATE TABLE IF NOT EXISTS passkeys (
    id BLOB PRIMARY KEY, -- the credential id, which belongs to one account only (WebAuthn, section 7.1)
    account TEXT NOT NULL REFERENCES accounts (id),
    passkey TEXT NOT NULL -- the public key, the counter and flags, as JSON
) STRICT;

CREATE INDEX IF NOT EXISTS passkeys_of_account ON passkeys (account);
