//! What befalls an SQLite file: other processes, locks, and the death of one of them.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gatevault::{SessionStore, SqliteSessions, TokenPair};
use gatevault_store_tests::{World, is_unavailable};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::task::JoinSet;

use crate::behind_proxy::in_time;

async fn at(path: &Path) -> Arc<dyn SessionStore> {
    let store = SqliteSessions::open(path).await.unwrap();
    store.migrate().await.unwrap();
    Arc::new(store.time_limit(Duration::from_secs(2)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_somebody_else_has_locked_is_unavailable_within_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let world = World::over(&at(&path).await);
    let pair = world.login(&world.add(1)).await;
    let options = SqliteConnectOptions::new().filename(&path);
    let other = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let mut lock = other.acquire().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *lock).await.unwrap();
    assert!(is_unavailable(&in_time(world.refresh(&pair)).await));
    sqlx::query("ROLLBACK").execute(&mut *lock).await.unwrap();
    assert!(world.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_of_one_file_share_their_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let one = World::over(&at(&path).await);
    let other = one.beside(&at(&path).await);
    let mut pair = one.login(&one.add(1)).await;
    for _ in 0..100 {
        let mut refreshes = JoinSet::new();
        for number in 0..6 {
            let world = if number % 2 == 0 { one.clone() } else { other.clone() };
            let pair = pair.clone();
            refreshes.spawn(async move { world.refresh(&pair).await.unwrap().refresh_token });
        }
        let mut successors = refreshes.join_all().await;
        successors.sort();
        successors.dedup();
        assert_eq!(successors.len(), 1);
        pair.refresh_token = successors.remove(0);
    }
}

/// The process refreshes as quickly as it can; what it has printed last, or that token's successor, is good after its death.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_leaves_sessions_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let world = World::over(&at(&path).await);
    let user = world.add(1);
    for round in 0..8_u64 {
        let mut pair = world.login(&user).await;
        pair.refresh_token =
            refreshed_by_a_process_that_is_killed(&path, &pair, &world.hash_of(&user), 300 + 37 * round);
        let next = world.refresh(&pair).await.unwrap();
        assert!(world.refresh(&next).await.is_ok(), "round {round}");
    }
    assert_eq!(world.oauth.async_sessions(user).await.unwrap().len(), 8);
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
