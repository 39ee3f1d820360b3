-- A row is an address whose owner has proved that they read its mail.
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE, -- the canonical spelling
    password_hash TEXT NOT NULL
) STRICT;

-- How many mails a client has asked for, and a recipient got, in an hour.
CREATE TABLE IF NOT EXISTS mail_counts (
    counted TEXT NOT NULL,
    hour INTEGER NOT NULL,
    mails INTEGER NOT NULL,
    PRIMARY KEY (counted, hour)
) STRICT, WITHOUT ROWID;
