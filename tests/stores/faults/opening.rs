//! Opening a store: it creates its tables, unless the application does, and says why it cannot.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gatevault::{PostgresSessions, SessionStore, SqliteSessions};
use gatevault_servers::PostgresServer;
use gatevault_store_tests::{Fixture, is_unavailable, shared};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Executor as _, raw_sql};
use tempfile::tempdir;

use crate::behind_proxy::in_time;

async fn works(store: impl SessionStore) -> bool {
    let fixture = Fixture::over(&shared(store));
    let user = fixture.add(1);
    let pair = match fixture.oauth.async_login(&user.to_string(), "correct horse").await {
        Ok(pair) => pair,
        Err(denial) => {
            assert!(is_unavailable(&Err::<(), _>(denial)));
            return false;
        }
    };
    fixture.refresh(&pair).await.is_ok()
}

async fn pool(path: &Path, read_only: bool) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true).read_only(read_only);
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opened_file_has_its_tables_and_may_be_opened_and_migrated_again() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    assert!(works(SqliteSessions::open(":memory:").await.unwrap()).await);
    for _ in 0..2 {
        let store = SqliteSessions::open(&path).await.unwrap();
        store.migrate().await.unwrap();
        store.migrate().await.unwrap();
        assert!(works(store).await);
    }
    let blocking = folder.path().join("blocking.db");
    let store = std::thread::spawn(move || SqliteSessions::blocking(blocking).unwrap()).join().unwrap();
    assert!(works(store).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_opened_without_migrating_has_no_tables_until_the_application_migrates() {
    let folder = tempdir().unwrap();
    let store = SqliteSessions::open_without_migrating(folder.path().join("one.db")).await.unwrap();
    assert!(!works(store.clone()).await);
    store.migrate().await.unwrap();
    assert!(works(store).await);
    let path = folder.path().join("two.db");
    let opening = std::thread::spawn(move || {
        let store = SqliteSessions::blocking_without_migrating(path).unwrap();
        (store.clone(), move || store.migrate_blocking().unwrap())
    });
    let (store, migrate) = opening.join().unwrap();
    assert!(!works(store.clone()).await);
    std::thread::spawn(migrate).join().unwrap();
    assert!(works(store).await);
}

#[test]
fn several_processes_open_a_new_file_at_once() {
    let folder = tempdir().unwrap();
    for round in 0..5 {
        let path = folder.path().join(format!("{round}.db"));
        let open = |_| Command::new(env!("CARGO_BIN_EXE_opener")).arg(&path).spawn().unwrap();
        let processes: Vec<_> = (0..6).map(open).collect();
        for mut process in processes {
            assert!(process.wait().unwrap().success(), "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn current_tables_are_not_written_so_that_a_locked_file_can_be_migrated_and_opened() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let store = SqliteSessions::open(&path).await.unwrap();
    let other = pool(&path, false).await;
    let mut lock = other.acquire().await.unwrap();
    lock.execute("BEGIN IMMEDIATE").await.unwrap();
    tokio::time::timeout(Duration::from_millis(500), store.migrate()).await.unwrap().unwrap();
    drop(in_time(SqliteSessions::open(&path)).await.unwrap());
    lock.execute("ROLLBACK").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_index_is_created_again() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    drop(SqliteSessions::open(&path).await.unwrap());
    let pool = pool(&path, false).await;
    pool.execute("DROP INDEX gatevault_sessions_user").await.unwrap();
    drop(SqliteSessions::open(&path).await.unwrap());
    pool.execute("DROP INDEX gatevault_sessions_user").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_file_without_tables_is_an_error_with_the_remedy() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let writing = pool(&path, false).await;
    let store = SqliteSessions::new(pool(&path, true).await).unwrap();
    let error = store.migrate().await.unwrap_err().to_string();
    assert!(error.contains("readonly") && error.contains("let this process write"), "{error}");
    SqliteSessions::new(writing).unwrap().migrate().await.unwrap();
    store.migrate().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_path_is_an_error_that_names_the_path_and_the_remedy() {
    let folder = tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "no database, but a text of more than a few bytes, so that it has a header".repeat(20),
    )
    .unwrap();
    for (path, remedy) in [
        (folder.path().join("missing/sessions.db"), "create its folder"),
        (folder.path().to_owned(), "create its folder"),
        (text, "choose the path of an SQLite file"),
    ] {
        let errors = [
            SqliteSessions::open(&path).await.unwrap_err().to_string(),
            SqliteSessions::open_without_migrating(&path).await.unwrap_err().to_string(),
        ];
        for error in errors {
            assert!(error.contains(&path.display().to_string()) && error.contains(remedy), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_another_version_are_an_error_that_names_the_column() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let store = SqliteSessions::open(&path).await.unwrap();
    let pool = pool(&path, false).await;
    for (change, expected) in [
        (
            "ALTER TABLE gatevault_sessions ADD COLUMN device TEXT",
            "newer layout, with gatevault_sessions.device",
        ),
        ("ALTER TABLE gatevault_sessions DROP COLUMN device", ""),
        (
            "ALTER TABLE gatevault_sessions DROP COLUMN grace",
            "older layout, without gatevault_sessions.grace",
        ),
        ("DROP TABLE gatevault_sessions; CREATE TABLE gatevault_sessions (id TEXT)", "older layout, without"),
    ] {
        pool.execute(raw_sql(change)).await.unwrap();
        let outcomes = [store.migrate().await, SqliteSessions::open(&path).await.map(drop)];
        for outcome in outcomes {
            let error = outcome.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(expected) && error.is_empty() == expected.is_empty(), "{error}");
        }
        drop(SqliteSessions::open_without_migrating(&path).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_a_later_version_are_an_error_in_postgres_too() {
    let server = PostgresServer::start();
    let store = PostgresSessions::connect(&server.url()).await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = server.url().parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    connection.execute("ALTER TABLE gatevault_spent_tokens ADD COLUMN device TEXT").await.unwrap();
    let error = store.migrate().await.unwrap_err().to_string();
    assert!(error.contains("newer layout, with gatevault_spent_tokens.device"), "{error}");
    connection.execute("ALTER TABLE gatevault_spent_tokens DROP COLUMN device").await.unwrap();
    store.migrate().await.unwrap();
    assert!(works(store).await);
}

/// SQLite takes an empty path for a file that it removes when it is closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_path_is_an_error_and_no_file_that_a_restart_removes() {
    let errors = [
        SqliteSessions::open("").await.unwrap_err().to_string(),
        SqliteSessions::open_without_migrating("").await.unwrap_err().to_string(),
    ];
    for error in errors {
        assert!(error.contains("path"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_name_of_a_file_is_taken_as_it_is() {
    let folder = tempdir().unwrap();
    for name in ["a b.db", "100%41.db", "a?mode=memory", "a#b.db", "é'\";--.db", "file:x.db", ":memory:.db"]
    {
        let path = folder.path().join(name);
        assert!(works(SqliteSessions::open(&path).await.unwrap()).await, "{name}");
        assert!(path.is_file(), "{name}");
    }
    for name in ["a\0b.db", "\0"] {
        assert!(SqliteSessions::open(folder.path().join(name)).await.is_err());
    }
}
