CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE, -- the canonical spelling
    skeleton TEXT NOT NULL UNIQUE, -- no two names look alike
    is_auditor INTEGER NOT NULL DEFAULT FALSE,
    password_hash TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS invoices (
    id INTEGER PRIMARY KEY,
    seller INTEGER NOT NULL REFERENCES accounts (id),
    customer TEXT NOT NULL,
    cents INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS invoices_of_seller ON invoices (seller);
