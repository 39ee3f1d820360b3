//! Cleaning under faults: slow batches, locks of others, and lists with entries that stay.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatevault::session::{RemoveExpired, RevocationCursor};
use gatevault::{PostgresSessions, RedisSessions, SessionStore, SqliteSessions, Timestamp};
use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_store_tests::{Fixture, shared};
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection as _, raw_sql};

use crate::ends_node::Database;
use crate::notified::until;

/// Removes what is no longer needed, until nothing is left. Returns the numbers that the calls returned.
async fn clean(store: &Arc<dyn SessionStore>, fixture: &Fixture, keep_revoked: Duration) -> Vec<u64> {
    let mut removed = Vec::new();
    loop {
        match store.remove_expired(RemoveExpired::new(fixture.now(), keep_revoked)).await.unwrap() {
            0 => return removed,
            number => removed.push(number),
        }
    }
}

async fn postgres(server: &PostgresServer) -> (PgPool, Arc<dyn SessionStore>) {
    let pool = PgPool::connect_with(server.url().parse::<PgConnectOptions>().unwrap()).await.unwrap();
    let store = PostgresSessions::connect(&server.url()).await.unwrap();
    store.migrate().await.unwrap();
    (pool, shared(store))
}

/// Inserts 20,000 sessions that have expired.
const BACKLOG: &str = "\
    INSERT INTO gatevault_sessions (id, pool, user_id, kind, authenticated_at, amr, scopes, persistent, expires_at, \
    current_id, current_issued_at, current_expires_at, stamp) \
    SELECT 'expired-' || n, 'null', n || '', 'login', 0, '[]', '[]', 1, 1000, 'token', 0, 1000, 'stamp' FROM numbers";

/// Each statement that deletes sessions takes 1.5 s, and all of them take longer than the limit of 5 s.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_that_takes_longer_than_the_limit_is_removed_by_repeated_calls_in_postgres() {
    let server = PostgresServer::start();
    let (pool, store) = postgres(&server).await;
    let fixture = Fixture::over(&store);
    let pair = fixture.login(&fixture.add(1)).await;
    let slow = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS \
                $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$; \
                CREATE TRIGGER slow BEFORE DELETE ON gatevault_sessions EXECUTE FUNCTION wait();";
    raw_sql(slow).execute(&pool).await.unwrap();
    let backlog = format!("WITH numbers AS (SELECT generate_series(1, 20000) AS n) {BACKLOG}");
    raw_sql(sqlx::AssertSqlSafe(backlog)).execute(&pool).await.unwrap();
    let removed = clean(&store, &fixture, Duration::from_hours(1)).await;
    assert_eq!(removed, [5000; 4]);
    assert!(fixture.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cleaning_leaves_a_locked_session_for_a_later_call_in_postgres() {
    let server = PostgresServer::start();
    let (pool, store) = postgres(&server).await;
    let fixture = Fixture::over(&store);
    let user = fixture.add(1);
    let (locked, free) = (fixture.login(&user).await, fixture.login(&user).await);
    let active = fixture.login(&fixture.add(2)).await;
    let expired = [fixture.session_of(&locked), fixture.session_of(&free)];
    let expire = "UPDATE gatevault_sessions SET expires_at = 1000 WHERE id = ANY ($1)";
    sqlx::query(expire).bind(&expired[..]).execute(&pool).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let lock = "SELECT id FROM gatevault_sessions WHERE id = $1 FOR UPDATE";
    sqlx::query(lock).bind(&expired[0]).execute(&mut *transaction).await.unwrap();
    assert_eq!(clean(&store, &fixture, Duration::from_hours(1)).await, [1]);
    assert!(fixture.refresh(&active).await.is_ok());
    let left = "SELECT id FROM gatevault_sessions WHERE expires_at = 1000";
    let left: Vec<String> = sqlx::query_scalar(left).fetch_all(&pool).await.unwrap();
    assert_eq!(left, expired[..1]);
    transaction.rollback().await.unwrap();
    assert_eq!(clean(&store, &fixture, Duration::from_hours(1)).await, [1]);
    assert!(fixture.refresh(&locked).await.is_err());
    assert!(fixture.refresh(&free).await.is_err());
}

/// Of a table that nothing has analyzed yet, and of one whose rows the server has counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cleaning_reads_no_session_and_no_spent_token_of_later_days_in_postgres() {
    let database = Database::start().await;
    let fill = "INSERT INTO gatevault_sessions (id, pool, user_id, kind, authenticated_at, amr, scopes, persistent, \
                expires_at, current_id, current_issued_at, current_expires_at, stamp) \
                SELECT 's' || n, 'null', n || '', 'login', 0, '[]', '[]', 0, 9000000000, '', 0, \
                9000000000 - n % 7 * 86400, 'stamp' FROM generate_series(1, 300000) AS n; \
                INSERT INTO gatevault_spent_tokens SELECT 't' || n, 9000000000 - n % 7 * 86400 \
                FROM generate_series(1, 100000) AS n";
    raw_sql(fill).execute(&database.pool).await.unwrap();
    let read = "SELECT SUM(seq_tup_read)::BIGINT FROM pg_stat_user_tables \
                WHERE relname IN ('gatevault_sessions', 'gatevault_spent_tokens')";
    let cleaners =
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE 'WITH clock%'";
    for is_analyzed in [false, true] {
        if is_analyzed {
            raw_sql("ANALYZE gatevault_sessions, gatevault_spent_tokens")
                .execute(&database.pool)
                .await
                .unwrap();
        }
        let before = database.count(read).await;
        let options: PgConnectOptions = database.server.url().parse().unwrap();
        let pool = PgPool::connect_with(options).await.unwrap();
        let store = PostgresSessions::new(pool.clone()).unwrap();
        let now = Timestamp::from_seconds(8_000_000_000).unwrap();
        assert_eq!(store.remove_expired(RemoveExpired::new(now, Duration::ZERO)).await.unwrap(), 0);
        // The server counts what a connection has read when it is closed.
        pool.close().await;
        assert!(until(|| async { database.count(cleaners).await == 0 }).await);
        let rows = database.count(read).await - before;
        assert!(rows < 1000, "{rows} rows, analyzed: {is_analyzed}");
    }
}

async fn sqlite(path: &Path, limit: Duration) -> Arc<dyn SessionStore> {
    let store = SqliteSessions::open(path).await.unwrap();
    store.migrate().await.unwrap();
    shared(store.time_limit(limit))
}

/// Two processes clean one file while a user refreshes and logs out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_removed_after_another_process_has_locked_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let store = sqlite(&path, Duration::from_millis(500)).await;
    let fixture = Fixture::over(&sqlite(&path, Duration::from_secs(30)).await);
    let mut pair = fixture.login(&fixture.add(1)).await;
    let options = SqliteConnectOptions::new().filename(&path);
    let other = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let numbers =
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)";
    let backlog = format!("{numbers} {BACKLOG}");
    let mut lock = other.acquire().await.unwrap();
    raw_sql(sqlx::AssertSqlSafe(backlog)).execute(&mut *lock).await.unwrap();
    raw_sql("BEGIN EXCLUSIVE").execute(&mut *lock).await.unwrap();
    let request = RemoveExpired::new(fixture.now(), Duration::from_hours(1));
    store.remove_expired(request).await.unwrap_err();
    raw_sql("ROLLBACK").execute(&mut *lock).await.unwrap();
    drop(lock);

    let mut cleaning = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (store, fixture) = (sqlite(&path, Duration::from_secs(30)).await, fixture.clone());
        cleaning.spawn(async move { clean(&store, &fixture, Duration::from_hours(1)).await });
    }
    while !cleaning.is_empty() {
        pair = fixture.refresh(&pair).await.unwrap();
        while let Some(cleaned) = cleaning.try_join_next() {
            cleaned.unwrap();
        }
    }
    assert!(fixture.refresh(&pair).await.is_ok());
    assert!(fixture.oauth.async_logout(pair.refresh_token.as_str()).await.is_ok());
    let left: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM gatevault_sessions").fetch_one(&other).await.unwrap();
    assert_eq!(left, 1);
}

/// Adds revocations to the list of a store, an hour old: the members, the oldest first.
async fn add_to_list(server: &RedisServer, fixture: &Fixture, members: impl Iterator<Item = String>) {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let hour_ago = (fixture.now().seconds() - 3600) * 1_000_000;
    let entries: Vec<_> = (hour_ago..).zip(members).collect();
    for part in entries.chunks(10_000) {
        redis::cmd("ZADD").arg("{gatevault}:ended").arg(part).exec_async(&mut connection).await.unwrap();
    }
}

fn of_token(id: u64, until: u64) -> String {
    format!(r#"{{"kind":"token","issuer":null,"pool":null,"id":"{id}","until":{until}}}"#)
}

/// The members that `is_kept` selects are revocations of tokens that have not expired.
async fn assert_removed_around(number: u64, is_kept: impl Fn(u64) -> bool) {
    let server = RedisServer::start();
    let store = shared(RedisSessions::connect(server.url()).await.unwrap());
    let fixture = Fixture::over(&store);
    let until = fixture.now().seconds() + 1_000_000;
    let member = |id| if is_kept(id) { of_token(id, until) } else { format!("gone-{id}") };
    add_to_list(&server, &fixture, (0..number).map(member)).await;
    let removed: u64 = clean(&store, &fixture, Duration::from_mins(1)).await.into_iter().sum();
    let kept = (0..number).filter(|id| is_kept(*id)).map(|id| id.to_string());
    let listed = store.revocations_since(RevocationCursor::Position(0)).await.unwrap().revocations;
    let listed: Vec<_> = listed.into_iter().map(|revocation| revocation.id).collect();
    assert_eq!(listed, kept.collect::<Vec<_>>());
    assert_eq!(removed, number - u64::try_from(listed.len()).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_revocations_are_removed_behind_one_that_is_kept_in_redis() {
    assert_removed_around(60_001, |id| id == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_revocations_are_removed_behind_many_that_are_kept_in_redis() {
    assert_removed_around(10_000, |id| id < 2_500).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_revocations_are_removed_between_those_that_are_kept_in_redis() {
    assert_removed_around(10_000, |id| id % 3 == 0 || (4_000..5_000).contains(&id)).await;
}

/// A feed reports them as errors until they have left the list.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_revocations_that_no_feed_can_read_are_removed_from_redis() {
    let server = RedisServer::start();
    let store = shared(RedisSessions::connect(server.url()).await.unwrap());
    let fixture = Fixture::over(&store);
    let kept = of_token(1, fixture.now().seconds() + 1_000_000);
    let unreadable =
        ["{", "{}", "{\"kind\":\"other\"}", "{\"kind\":\"token\",\"until\":{}}", "{\"kind\":[1]}"];
    let members = ["gone-1", &kept].into_iter().chain(unreadable).chain(["gone-2"]).map(str::to_owned);
    add_to_list(&server, &fixture, members).await;
    store.revocations_since(RevocationCursor::Position(0)).await.unwrap_err();
    assert_eq!(clean(&store, &fixture, Duration::from_hours(2)).await, [0_u64; 0]);
    assert_eq!(clean(&store, &fixture, Duration::from_mins(1)).await, [7]);
    let listed = store.revocations_since(RevocationCursor::Position(0)).await.unwrap().revocations;
    assert_eq!(listed.into_iter().map(|revocation| revocation.id).collect::<Vec<_>>(), ["1"]);
}
