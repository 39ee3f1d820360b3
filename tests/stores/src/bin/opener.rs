//! A process that opens an SQLite file, and fails if it cannot.
#![expect(clippy::unwrap_used, reason = "a test fails if it panics")]

use gatevault::SqliteSessions;

fn main() {
    let path = std::env::args().nth(1).unwrap();
    drop(SqliteSessions::blocking(path).unwrap());
}
