//! The removal of expired sessions by day in PostgreSQL: of past days all, and of today those that a batch looks at.

use std::time::Duration;

use gatevault::session::RemoveExpired;
use gatevault::{PostgresSessions, SessionStore as _, Timestamp};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, raw_sql};

use crate::ends_node::Database;
use crate::notified::until;

/// Noon of the day `DAY`, which the clock of the server has left behind.
const NOON: u64 = DAY * 86_400 + 43_200;
const DAY: u64 = 11_000;
/// The number of today's sessions that a batch looks at, and of the sessions that it removes.
const WINDOW: i64 = 20_000;
const BATCH: u64 = 5_000;

/// Inserts sessions that expire at a time.
async fn fill(database: &Database, name: &str, number: i64, expires_at: u64) {
    let fill = format!(
        "INSERT INTO gatevault_sessions (id, pool, user_id, kind, authenticated_at, amr, scopes, persistent, \
         expires_at, current_id, current_issued_at, current_expires_at, stamp) \
         SELECT '{name}-' || n, 'null', n || '', 'login', 0, '[]', '[]', 0, 9000000000, '', 0, {expires_at}, 'stamp' \
         FROM generate_series(1, {number}) AS n"
    );
    raw_sql(AssertSqlSafe(fill)).execute(&database.pool).await.unwrap();
}

/// Removes expired sessions until nothing is left. Returns how many each call removed.
async fn clean(pool: &PgPool, now: u64) -> Vec<u64> {
    let store = PostgresSessions::new(pool.clone()).unwrap();
    let request = RemoveExpired::new(Timestamp::from_seconds(now).unwrap(), Duration::from_hours(1));
    let mut removed = Vec::new();
    loop {
        match store.remove_expired(request).await.unwrap() {
            0 => return removed,
            number => removed.push(number),
        }
    }
}

/// Cleans over connections that are closed afterwards, because the server then counts what they have read. Returns the number
/// of the removed sessions, and of those that were read by the day.
async fn clean_and_count(database: &Database, now: u64) -> (u64, i64) {
    let read = "SELECT SUM(idx_tup_fetch)::BIGINT FROM pg_stat_user_indexes \
                WHERE indexrelname = 'gatevault_sessions_last_day'";
    let scanned = "SELECT seq_tup_read::BIGINT FROM pg_stat_user_tables WHERE relname = 'gatevault_sessions'";
    let cleaners =
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE 'WITH clock%'";
    let before = database.count(read).await + database.count(scanned).await;
    let pool = PgPool::connect_with((*database.pool.connect_options()).clone()).await.unwrap();
    let removed = clean(&pool, now).await.into_iter().sum();
    pool.close().await;
    assert!(until(|| async { database.count(cleaners).await == 0 }).await);
    (removed, database.count(read).await + database.count(scanned).await - before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_reads_a_bounded_number_of_the_sessions_that_expire_today_in_postgres() {
    let database = Database::start().await;
    fill(&database, "active", 5 * WINDOW, NOON + 1).await;
    fill(&database, "beyond", 1_000, NOON).await;
    for is_analyzed in [false, true] {
        if is_analyzed {
            raw_sql("ANALYZE gatevault_sessions").execute(&database.pool).await.unwrap();
        }
        let (removed, read) = clean_and_count(&database, NOON).await;
        assert_eq!(removed, 0);
        assert!(read <= WINDOW, "{read} rows, analyzed: {is_analyzed}");
    }
    assert_eq!(clean(&database.pool, (DAY + 1) * 86_400).await.into_iter().sum::<u64>(), 101_000);
}

/// The active sessions of today fill what a batch looks at.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_expired_sessions_of_past_days_are_removed_in_postgres() {
    let database = Database::start().await;
    fill(&database, "active", WINDOW, NOON + 1).await;
    fill(&database, "yesterday", 12_000, DAY * 86_400 - 1).await;
    fill(&database, "midnight", 10, DAY * 86_400).await;
    fill(&database, "before", 6_000, NOON - 30 * 86_400).await;
    let (removed, read) = clean_and_count(&database, NOON).await;
    assert_eq!(removed, 18_000);
    assert!(read < 18_000 + 3 * WINDOW, "{read} rows");
    let left = "SELECT count(*) FROM gatevault_sessions WHERE id LIKE 'active%' OR id LIKE 'midnight%'";
    assert_eq!(database.count(left).await, WINDOW + 10);
}

/// As soon as they have expired, from between those that have not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expired_sessions_of_today_are_removed_on_the_day_if_there_are_few_in_postgres() {
    let database = Database::start().await;
    fill(&database, "active", 5_000, NOON + 1).await;
    fill(&database, "expired", 7_000, NOON).await;
    fill(&database, "later", 5_000, NOON + 86_400).await;
    let removed = clean(&database.pool, NOON).await;
    assert_eq!(removed.iter().sum::<u64>(), 7_000, "{removed:?}");
    assert!(removed[0] == BATCH || removed == [7_000], "{removed:?}");
    assert_eq!(database.count("SELECT count(*) FROM gatevault_sessions").await, 10_000);
}

/// A removal waits in a trigger meanwhile, and so holds its locks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_locks_no_session_that_has_not_expired_and_waits_for_no_other_in_postgres() {
    let database = Database::start().await;
    fill(&database, "active", 100, NOON + 1).await;
    fill(&database, "expired", 1, NOON).await;
    let slow = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN OLD; END $$; \
                CREATE TRIGGER slow BEFORE DELETE ON gatevault_sessions FOR EACH ROW EXECUTE FUNCTION wait();";
    raw_sql(slow).execute(&database.pool).await.unwrap();
    let mut gate = database.pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(1)").execute(&mut *gate).await.unwrap();
    let first = tokio::spawn({
        let pool = database.pool.clone();
        async move { clean(&pool, NOON).await }
    });
    assert!(until(|| async { database.waiting().await == 1 }).await);
    let unlocked =
        "SELECT count(*) FROM (SELECT id FROM gatevault_sessions FOR UPDATE SKIP LOCKED) AS unlocked";
    assert_eq!(database.count(unlocked).await, 100);
    assert_eq!(clean(&database.pool, NOON).await, [0_u64; 0]);
    gate.rollback().await.unwrap();
    assert_eq!(first.await.unwrap(), [1]);
}

/// Nothing analyzes the tables, so the connection keeps its plans.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_cleaned_empty_tables_reads_no_more_of_full_ones_in_postgres() {
    let database = Database::start().await;
    raw_sql("ALTER SYSTEM SET autovacuum = off").execute(&database.pool).await.unwrap();
    raw_sql("SELECT pg_reload_conf()").execute(&database.pool).await.unwrap();
    let options = (*database.pool.connect_options()).clone();
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    for _ in 0..10 {
        assert_eq!(clean(&pool, NOON).await, [0_u64; 0]);
    }
    fill(&database, "active", 100_000, NOON + 86_400).await;
    fill(&database, "yesterday", 100, NOON - 86_400).await;
    fill(&database, "today", 100, NOON).await;
    let others = "INSERT INTO gatevault_spent_tokens SELECT 't' || n, n * 100000 FROM generate_series(1::BIGINT, 100000) AS n; \
         INSERT INTO gatevault_revocations (position, kind, issuer, pool, id, recorded_at) \
         SELECT n, 'session', 'null', 'null', '\"' || n || '\"', n * 100000 FROM generate_series(1::BIGINT, 100000) AS n";
    raw_sql(others).execute(&database.pool).await.unwrap();
    let read = "SELECT SUM(seq_tup_read)::BIGINT FROM pg_stat_user_tables WHERE relname LIKE 'gatevault%'";
    let before = database.count(read).await;
    let removed: u64 = clean(&pool, NOON).await.into_iter().sum();
    assert!(removed > 200 + 2 * 9_000, "{removed}");
    pool.close().await;
    let cleaners =
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE 'WITH clock%'";
    assert!(until(|| async { database.count(cleaners).await == 0 }).await);
    let rows = database.count(read).await - before;
    assert!(rows < 1_000, "{rows} rows");
}
