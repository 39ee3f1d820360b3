//! Faults of an SQLite file: locks, other processes, and a process that is killed.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gatevault::{SessionStore, SqliteSessions, TokenPair};
use gatevault_store_tests::{Fixture, is_unavailable};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::task::JoinSet;

use crate::behind_proxy::in_time;

async fn at(path: &Path) -> Arc<dyn SessionStore> {
    let store = SqliteSessions::open(path).await.unwrap();
    store.migrate().await.unwrap();
    Arc::new(store.time_limit(Duration::from_secs(2)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_process_has_locked_is_unavailable_within_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let fixture = Fixture::over(&at(&path).await);
    let pair = fixture.login(&fixture.add(1)).await;
    let options = SqliteConnectOptions::new().filename(&path);
    let other = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let mut lock = other.acquire().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *lock).await.unwrap();
    assert!(is_unavailable(&in_time(fixture.refresh(&pair)).await));
    sqlx::query("ROLLBACK").execute(&mut *lock).await.unwrap();
    assert!(fixture.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_of_one_file_share_their_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let one = Fixture::over(&at(&path).await);
    let other = one.beside(&at(&path).await);
    let mut pair = one.login(&one.add(1)).await;
    for _ in 0..100 {
        let mut refreshes = JoinSet::new();
        for number in 0..6 {
            let fixture = if number % 2 == 0 { one.clone() } else { other.clone() };
            let pair = pair.clone();
            refreshes.spawn(async move { fixture.refresh(&pair).await.unwrap().refresh_token });
        }
        let mut successors = refreshes.join_all().await;
        successors.sort();
        successors.dedup();
        assert_eq!(successors.len(), 1);
        pair.refresh_token = successors.remove(0);
    }
}

/// Kills a process that refreshes as quickly as it can. The token that it printed last is accepted afterwards, as the
/// current or the previous one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_leaves_sessions_intact() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let fixture = Fixture::over(&at(&path).await);
    let user = fixture.add(1);
    for round in 0..8_u64 {
        let mut pair = fixture.login(&user).await;
        pair.refresh_token =
            refreshed_by_a_process_that_is_killed(&path, &pair, &fixture.hash_of(&user), 300 + 37 * round);
        let next = fixture.refresh(&pair).await.unwrap();
        assert!(fixture.refresh(&next).await.is_ok(), "round {round}");
    }
    assert_eq!(fixture.oauth.async_sessions(user).await.unwrap().len(), 8);
}

fn refreshed_by_a_process_that_is_killed(path: &Path, pair: &TokenPair, hash: &str, after: u64) -> String {
    let mut process = Command::new(env!("CARGO_BIN_EXE_refresher"))
        .arg(path)
        .arg(&pair.refresh_token)
        .env("HASH", hash)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || lines.map_while(Result::ok).last());
    std::thread::sleep(Duration::from_millis(after));
    process.kill().unwrap();
    process.wait().unwrap();
    reader.join().unwrap().unwrap_or_else(|| pair.refresh_token.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_an_older_layout_are_an_error_that_names_the_column() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("sessions.db"));
    let pool = SqlitePoolOptions::new().connect_with(options.create_if_missing(true)).await.unwrap();
    let store = SqliteSessions::new(pool.clone()).unwrap();
    store.migrate().await.unwrap();
    for (table, column) in [
        ("gatevault_sessions", "grace"),
        ("gatevault_revocations", "recorded_at"),
        ("gatevault_spent_tokens", "kept_until"),
    ] {
        let rename = format!("ALTER TABLE {table} RENAME COLUMN {column} TO former");
        sqlx::query(sqlx::AssertSqlSafe(rename)).execute(&pool).await.unwrap();
        let error = store.migrate().await.unwrap_err().to_string();
        assert!(error.contains(&format!("older layout, without {table}.{column}")), "{error}");
        let back = format!("ALTER TABLE {table} RENAME COLUMN former TO {column}");
        sqlx::query(sqlx::AssertSqlSafe(back)).execute(&pool).await.unwrap();
    }
    store.migrate().await.unwrap();
}
