//! The tables: created where they are missing, by a role that may create them.

use sqlx::error::DatabaseError;
use sqlx::{Executor as _, PgPool, Postgres, Row as _, raw_sql};

use crate::error::StoreError;
use crate::store::sql::dialect::Dialect;
use crate::store::sql::layout::{older_layout, reject_newer_layout};
use crate::store::sql::pool::SqlPool;
use crate::store::sql::transaction::retry;

/// Creates what the first schema of the `search_path` does not have.
///
/// A role that may not create it needs only find it, in whichever schema.
pub(super) async fn migrate(pool: &SqlPool<Postgres>) -> Result<(), StoreError> {
    create_missing(&pool.connections).await?;
    validate(&pool.connections).await
}

/// Returns an error if the tables have columns of a later version.
async fn validate(pool: &PgPool) -> Result<(), StoreError> {
    let present = columns(pool, PRESENT).await?;
    reject_newer_layout(present.iter().map(String::as_str), &["gatevault_sessions.last_day"])
}

async fn create_missing(pool: &PgPool) -> Result<(), StoreError> {
    if columns(pool, IN_FIRST_SCHEMA).await?.is_empty() {
        return Ok(());
    }
    let created = retry::<Postgres, _, _>(|_| async {
        for statement in Postgres::STATEMENTS.migrate {
            pool.execute(raw_sql(*statement)).await?;
        }
        Ok(())
    });
    let refused = match created.await {
        Ok(()) => None,
        Err(error) if is_refusal(&error) => Some(error),
        Err(error) => return Err(error.into()),
    };
    let missing = columns(pool, IN_SEARCH_PATH).await?;
    match refused {
        _ if missing.is_empty() => Ok(()),
        Some(error) => Err(refusal(pool, &missing, &error).await),
        None => Err(older_layout(&missing.join(", "))),
    }
}

/// Returns the columns that the query lists, as `table.column`.
async fn columns(pool: &PgPool, query: &'static str) -> Result<Vec<String>, sqlx::Error> {
    let rows = pool.fetch_all(raw_sql(query)).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Returns whether the role, or the server for this connection, does not permit to create tables.
fn is_refusal(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| REFUSALS.contains(&code.as_ref()))
}

/// Returns an error that names what the role needs.
async fn refusal(pool: &PgPool, missing: &[String], error: &sqlx::Error) -> StoreError {
    let row = pool.fetch_one(raw_sql(ROLE)).await;
    let role = row.and_then(|row| row.try_get(0)).unwrap_or_else(|_| "this role".to_owned());
    let missing = missing.join(", ");
    let error =
        error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
    format!(
        "{role} may not create {missing} ({error}): run migrate() or the SQL in the crate's folder migrations/postgres \
         as a role with CREATE on the schema and the ownership of its tables, and grant {role} USAGE on the schema and \
         SELECT, INSERT, UPDATE and DELETE on the tables"
    )
    .into()
}

/// The newest column of each table. A migration adds its own to this list.
macro_rules! needed {
    () => {
        "(VALUES ('gatevault_sessions', 'grace'), ('gatevault_revocations', 'recorded_at'), \
         ('gatevault_session_ends', 'last_position'), ('gatevault_spent_tokens', 'kept_until')) AS needed (table_name, column_name)"
    };
}

/// Lists what the schema of new tables does not have, as `table.column`.
const IN_FIRST_SCHEMA: &str = concat!(
    "SELECT pg_catalog.concat(needed.table_name, '.', needed.column_name) FROM ",
    needed!(),
    " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS attributes \
     JOIN pg_catalog.pg_class AS classes ON classes.oid = attributes.attrelid \
     JOIN pg_catalog.pg_namespace AS schemas ON schemas.oid = classes.relnamespace \
     WHERE schemas.nspname = pg_catalog.current_schema() AND classes.relname = needed.table_name \
     AND attributes.attname = needed.column_name AND NOT attributes.attisdropped)"
);

/// Lists what statements do not find.
const IN_SEARCH_PATH: &str = concat!(
    "SELECT pg_catalog.concat(needed.table_name, '.', needed.column_name) FROM ",
    needed!(),
    " WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS attributes \
     WHERE attributes.attrelid = pg_catalog.to_regclass(needed.table_name) \
     AND attributes.attname = needed.column_name AND NOT attributes.attisdropped)"
);

/// Lists the columns of the tables that statements find.
const PRESENT: &str = "SELECT pg_catalog.concat(classes.relname, '.', attributes.attname) \
     FROM pg_catalog.pg_attribute AS attributes \
     JOIN pg_catalog.pg_class AS classes ON classes.oid = attributes.attrelid \
     WHERE attributes.attnum > 0 AND NOT attributes.attisdropped AND attributes.attrelid IN \
     (pg_catalog.to_regclass('gatevault_sessions'), pg_catalog.to_regclass('gatevault_revocations'), \
     pg_catalog.to_regclass('gatevault_session_ends'), pg_catalog.to_regclass('gatevault_spent_tokens'))";

const ROLE: &str = "SELECT pg_catalog.concat('the role \"', current_user, '\"')";

/// The codes of a missing privilege, of a connection that only reads, and of no schema to create tables in.
const REFUSALS: [&str; 3] = ["42501", "25006", "3F000"];
