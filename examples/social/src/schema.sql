CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY
) STRICT;

-- A user is known by the issuer and the subject (OpenID Connect Core, section 5.7). No e-mail address is in this table: addresses
-- are given to other people, and not every provider checks them.
CREATE TABLE IF NOT EXISTS identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account INTEGER NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (issuer, subject)
) STRICT;
