//! The tables of a file: created where they are missing, and errors of files that cannot hold them.

use std::path::Path;

use sqlx::{Executor as _, Row as _, Sqlite, raw_sql};

use crate::error::StoreError;
use crate::store::sql::dialect::Dialect;
use crate::store::sql::layout::{COLUMNS, older_layout, reject_newer_layout};
use crate::store::sql::pool::SqlPool;
use crate::store::sql::transaction::{retry, run};

/// Creates what is missing. Changes nothing, and needs no right to write, if nothing is.
pub(super) async fn migrate(pool: &SqlPool<Sqlite>) -> Result<(), StoreError> {
    let before = Layout::read(pool).await?;
    if before.is_complete() {
        return before.validate();
    }
    match run(pool, Sqlite::STATEMENTS.migrate, &[]).await {
        Ok(_) => Layout::read(pool).await?.validate(),
        // An index over a column that a table of an earlier version does not have.
        Err(error) if code(&error) == Some(ERROR) && !before.0.is_empty() => before.validate(),
        Err(error) => Err(refused(error)),
    }
}

/// Returns an error if the file is read-only, which a store would find out at the first login.
pub(super) async fn require_writable(pool: &SqlPool<Sqlite>) -> Result<(), StoreError> {
    match pool.connections.execute(raw_sql(WRITE)).await {
        Err(error) if is_read_only(&error) => Err(refused(error)),
        // Also while another process holds the lock: it can write to the file.
        _ => Ok(()),
    }
}

/// Adds the path and the remedy to the error of a file that cannot be opened.
pub(super) fn unopened(path: &Path, error: StoreError) -> StoreError {
    let remedy = match error.downcast_ref().and_then(code) {
        Some(CANTOPEN) => "create its folder, and let this process write to it",
        Some(READONLY) => READ_ONLY,
        Some(NOTADB) => "choose the path of an SQLite file, or of a file that does not exist yet",
        _ => return error,
    };
    format!("cannot open {} ({error}): {remedy}", path.display()).into()
}

/// Converts the error of a statement that writes.
fn refused(error: sqlx::Error) -> StoreError {
    if is_read_only(&error) { format!("{error}: {READ_ONLY}").into() } else { error.into() }
}

fn is_read_only(error: &sqlx::Error) -> bool {
    code(error) == Some(READONLY)
}

/// Returns the result code of SQLite, without its extension.
fn code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// The columns and indexes of the tables, as `table.column` and as names.
struct Layout(Vec<String>);

impl Layout {
    /// Reads the layout, which is empty for a new file. Takes no lock for writing.
    async fn read(pool: &SqlPool<Sqlite>) -> Result<Self, StoreError> {
        let rows = retry::<Sqlite, _, _>(|_| pool.connections.fetch_all(raw_sql(LAYOUT))).await?;
        let names: Result<_, sqlx::Error> = rows.iter().map(|row| row.try_get(0)).collect();
        Ok(Self(names?))
    }

    /// Returns whether nothing is missing.
    fn is_complete(&self) -> bool {
        self.missing().next().is_none()
    }

    /// Returns an error for tables of an earlier or a later version.
    fn validate(&self) -> Result<(), StoreError> {
        if let Some(missing) = self.missing().next() {
            return Err(older_layout(missing));
        }
        reject_newer_layout(self.0.iter().map(String::as_str), &INDEXES)
    }

    fn missing(&self) -> impl Iterator<Item = &'static str> {
        let expected = COLUMNS.into_iter().chain(INDEXES);
        expected.filter(|expected| !self.0.iter().any(|name| name == expected))
    }
}

/// Lists the columns of the tables, and those of their indexes that this version knows.
const LAYOUT: &str = "SELECT tables.name || '.' || columns.name FROM sqlite_master AS tables, \
     pragma_table_xinfo(tables.name) AS columns WHERE tables.type = 'table' AND tables.name IN \
     ('gatevault_sessions', 'gatevault_revocations', 'gatevault_session_ends', 'gatevault_spent_tokens') \
     UNION ALL SELECT name FROM sqlite_master WHERE type = 'index' AND name IN \
     ('gatevault_sessions_user', 'gatevault_sessions_over', 'gatevault_revocations_position', \
     'gatevault_revocations_recorded_at', 'gatevault_spent_tokens_kept_until')";

const INDEXES: [&str; 5] = [
    "gatevault_sessions_user",
    "gatevault_sessions_over",
    "gatevault_revocations_position",
    "gatevault_revocations_recorded_at",
    "gatevault_spent_tokens_kept_until",
];

/// A statement that writes nothing but needs the right to. `BEGIN IMMEDIATE` alone succeeds on a read-only file.
const WRITE: &str = "DELETE FROM gatevault_session_ends WHERE 0";

const READ_ONLY: &str = "let this process write to the file and to its folder";

/// Result codes: an error in a statement, a file that is read-only, that cannot be opened, and of another format.
const ERROR: u32 = 1;
const READONLY: u32 = 8;
const CANTOPEN: u32 = 14;
const NOTADB: u32 = 26;

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    async fn memory() -> SqlPool<Sqlite> {
        let pool = SqlitePoolOptions::new().max_connections(1);
        SqlPool::new(pool.connect_with(SqliteConnectOptions::new().filename(":memory:")).await.unwrap())
    }

    #[tokio::test]
    async fn the_migrations_create_the_columns_and_indexes_of_the_lists_and_no_others() {
        let pool = memory().await;
        migrate(&pool).await.unwrap();
        let mut created = Layout::read(&pool).await.unwrap().0;
        created.sort();
        let mut expected: Vec<_> = COLUMNS.into_iter().chain(INDEXES).collect();
        expected.sort_unstable();
        assert_eq!(created, expected);
        let all =
            "SELECT count(*) FROM sqlite_master WHERE name LIKE 'gatevault%' AND type IN ('table', 'index')";
        let count: i64 = pool.connections.fetch_one(raw_sql(all)).await.unwrap().get(0);
        assert_eq!(count, 4 + 5);
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_written_is_an_error_with_the_remedy() {
        let pool = memory().await;
        let set = |pragma| pool.connections.execute(raw_sql(pragma));
        set("PRAGMA query_only = ON").await.unwrap();
        let error = migrate(&pool).await.unwrap_err().to_string();
        assert!(error.contains(READ_ONLY), "{error}");
        set("PRAGMA query_only = OFF").await.unwrap();
        migrate(&pool).await.unwrap();
        require_writable(&pool).await.unwrap();
        set("PRAGMA query_only = ON").await.unwrap();
        migrate(&pool).await.unwrap();
        let error = require_writable(&pool).await.unwrap_err().to_string();
        assert!(error.contains(READ_ONLY), "{error}");
    }
}
