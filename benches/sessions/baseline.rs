//! The baseline: a statement or a script on the same server, through the same driver, without this library.

use std::pin::Pin;
use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use sqlx::{PgPool, SqlitePool};

use crate::BenchResult;

/// A function that replaces a client's token: it takes the row's id, the current token and the next one.
pub(crate) type RotateFn = Arc<dyn Fn(String, String, String) -> RotateFuture + Send + Sync>;
pub(crate) type RotateFuture = Pin<Box<dyn Future<Output = BenchResult<bool>> + Send>>;

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS bare (id TEXT PRIMARY KEY, current TEXT NOT NULL, previous TEXT)";
const INSERT: &str = "INSERT INTO bare (id, current) VALUES ($1, $2)";
const UPDATE: &str =
    "UPDATE bare SET previous = current, current = $3 WHERE id = $1 AND current = $2 RETURNING current";
const SCRIPT: &str = "if redis.call('HGET', KEYS[1], 'current') ~= ARGV[1] then return 0 end
    redis.call('HSET', KEYS[1], 'current', ARGV[2], 'previous', ARGV[1]) return 1";

/// Creates the rows of the clients, each with its id and its first token.
pub(crate) async fn prepare(
    kind: &str,
    address: &str,
    rows: &[(String, String)],
) -> BenchResult<Option<RotateFn>> {
    Ok(match kind {
        "postgres" => Some(in_postgres(address, rows).await?),
        "sqlite" => Some(in_sqlite(address, rows).await?),
        "redis" => Some(in_redis(address, rows).await?),
        _ => None,
    })
}

async fn in_postgres(url: &str, rows: &[(String, String)]) -> BenchResult<RotateFn> {
    let pool: PgPool = PgPoolOptions::new().max_connections(10).connect(url).await?;
    sqlx::query(TABLE).execute(&pool).await?;
    for (id, token) in rows {
        sqlx::query(INSERT).bind(id).bind(token).execute(&pool).await?;
    }
    Ok(Arc::new(move |id, from, to| {
        let pool = pool.clone();
        Box::pin(async move {
            let rotated = sqlx::query(UPDATE).bind(id).bind(from).bind(to).fetch_optional(&pool).await?;
            Ok(rotated.is_some())
        })
    }))
}

async fn in_sqlite(path: &str, rows: &[(String, String)]) -> BenchResult<RotateFn> {
    let options = SqliteConnectOptions::new().filename(format!("{path}.bare")).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal);
    let pool: SqlitePool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    sqlx::query(TABLE).execute(&pool).await?;
    for (id, token) in rows {
        sqlx::query(INSERT).bind(id).bind(token).execute(&pool).await?;
    }
    Ok(Arc::new(move |id, from, to| {
        let pool = pool.clone();
        Box::pin(async move {
            let rotated = sqlx::query(UPDATE).bind(id).bind(from).bind(to).fetch_optional(&pool).await?;
            Ok(rotated.is_some())
        })
    }))
}

async fn in_redis(url: &str, rows: &[(String, String)]) -> BenchResult<RotateFn> {
    let connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    for (id, token) in rows {
        redis::cmd("HSET").arg(id).arg("current").arg(token).exec_async(&mut connection.clone()).await?;
    }
    let script = Arc::new(redis::Script::new(SCRIPT));
    Ok(Arc::new(move |id, from, to| {
        let (script, mut connection): (_, MultiplexedConnection) = (Arc::clone(&script), connection.clone());
        Box::pin(async move {
            let rotated: u8 = script.key(id).arg(from).arg(to).invoke_async(&mut connection).await?;
            Ok(rotated == 1)
        })
    }))
}
