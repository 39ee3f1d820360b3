CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE, -- the canonical spelling
    skeleton TEXT NOT NULL UNIQUE, -- no two names look alike
    is_admin INTEGER NOT NULL DEFAULT FALSE,
    password_hash TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL REFERENCES accounts (id),
    text TEXT NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS tasks_of_owner ON tasks (owner);
