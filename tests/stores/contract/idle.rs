//! What the SQL stores do not do when there is nothing to do: write and lock.

use std::sync::Arc;
use std::time::Duration;

use gatevault::session::{RevokeTarget, RotationOutcome, SessionDetails};
use gatevault::{PostgresSessions, SessionStore, SqliteSessions};
use gatevault_servers::PostgresServer;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, PgPool, Row as _};
use tempfile::tempdir;

use crate::direct::Node;

/// Opens sessions and ends one of them.
async fn prepare(node: &Node) {
    for id in ["a", "b"] {
        node.open(node.session(id, 1, SessionDetails::new(node.at(0)))).await;
    }
    assert_eq!(node.revoke(None, 1, RevokeTarget::One("a".to_owned())).await, ["a"]);
}

/// Requests revocations that match no active session.
async fn revoke_nothing(node: &Node) {
    let others = RevokeTarget::Others { kept: "b".to_owned(), security_stamp: "stamp".to_owned() };
    for (user, target) in [
        (1, RevokeTarget::One("none".to_owned())),
        (1, RevokeTarget::One("a".to_owned())),
        (1, others),
        (2, RevokeTarget::All),
    ] {
        assert!(node.revoke(None, user, target).await.is_empty());
    }
    assert_eq!(node.rotate("a", "a-1", "a-2").await, RotationOutcome::Revoked);
}

/// Another transaction holds the lock on the number. Each row keeps its place and its transactions, which a lock would
/// change, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_neither_writes_nor_locks_for_a_revocation_of_no_session() {
    let server = PostgresServer::start();
    let pool = PgPool::connect(&server.url()).await.unwrap();
    let store = PostgresSessions::new(pool.clone()).unwrap().time_limit(Duration::from_secs(30));
    store.migrate().await.unwrap();
    let node = Node::to(Arc::new(store));
    prepare(&node).await;
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM gatevault_session_ends FOR UPDATE").fetch_one(&mut *lock).await.unwrap();
    let before = rows(&pool).await;
    revoke_nothing(&node).await;
    assert!(node.open(node.login("c", 1, 0, 3)).await.is_empty(), "a login below the limit");
    assert_eq!(rows(&pool).await, before);
    lock.rollback().await.unwrap();
}

/// Returns the version of each row in the tables of revocations, and of the sessions that were there.
async fn rows(pool: &PgPool) -> Vec<String> {
    let mut versions = Vec::new();
    for query in [
        "SELECT concat_ws(' ', ctid, xmin, xmax) FROM gatevault_session_ends",
        "SELECT concat_ws(' ', ctid, xmin, xmax) FROM gatevault_revocations ORDER BY ctid",
        "SELECT concat_ws(' ', ctid, xmin, xmax) FROM gatevault_sessions WHERE id IN ('a', 'b') ORDER BY ctid",
    ] {
        let rows = sqlx::query(query).fetch_all(pool).await.unwrap();
        versions.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    versions
}

/// Another connection sees `data_version` change with each commit that writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_does_not_write_for_a_revocation_of_no_session() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let store = SqliteSessions::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let node = Node::to(Arc::new(store));
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    let mut version = async || {
        let row = sqlx::query("PRAGMA data_version").fetch_one(&mut other).await.unwrap();
        row.get::<i64, _>(0)
    };
    let empty = version().await;
    prepare(&node).await;
    let before = version().await;
    assert_ne!(before, empty);
    revoke_nothing(&node).await;
    assert_eq!(version().await, before);
}

/// A rotation changes no indexed column, so that it writes to no index.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_rotates_without_writing_to_an_index() {
    let server = PostgresServer::start();
    let pool = PgPool::connect(&server.url()).await.unwrap();
    let store: Arc<dyn SessionStore> = {
        let store = PostgresSessions::new(pool.clone()).unwrap();
        store.migrate().await.unwrap();
        Arc::new(store)
    };
    let node = Node::to(store);
    node.open(node.session("a", 1, SessionDetails::new(node.at(0)))).await;
    for number in 1..=50 {
        let (presented, successor) = (format!("a-{number}"), format!("a-{}", number + 1));
        let outcome = node.rotate("a", &presented, &successor).await;
        assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
    }
    // The server counts when a connection becomes idle or ends, so ask until it has counted all.
    let query =
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'gatevault_sessions'";
    let start = std::time::Instant::now();
    loop {
        let row = sqlx::query(query).fetch_one(&pool).await.unwrap();
        let (updates, hot) = (row.get::<i64, _>(0), row.get::<i64, _>(1));
        if updates >= 50 {
            // A day may have begun meanwhile: that is in the index.
            assert!(hot >= updates - 1, "{hot} of {updates}");
            return;
        }
        assert!(start.elapsed() < Duration::from_mins(1), "{updates} updates counted");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
