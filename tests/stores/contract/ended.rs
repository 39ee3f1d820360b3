//! The rows of ended sessions, which stay for an hour at most.

use std::sync::Arc;
use std::time::Duration;

use gatevault::session::{RemoveExpired, RevokeTarget, RotationOutcome, SessionDetails};
use gatevault::{MemorySessions, PostgresSessions, RedisSessions, SessionStore, SqliteSessions};
use gatevault_servers::{PostgresServer, RedisServer};
use redis::AsyncCommands as _;
use sqlx::PgPool;
use tempfile::tempdir;
use tokio::task::JoinSet;

use crate::direct::{Node, ticket};

/// Opens sessions of thirty days and ends them in each of the ways in which a session ends.
async fn end_in_each_way(node: &Node) -> Vec<String> {
    let month = 30 * 86_400;
    let opened = |id: &str, user: u64, limit: Option<usize>| {
        let mut session = node.session(id, user, SessionDetails::new(node.at(0)));
        session.expires_at = node.at(month);
        session.ticket = ticket(&format!("{id}-1"), node.at(0), session.expires_at);
        session.limit = limit;
        session
    };
    for (user, id) in (1..).zip(["one", "all", "others", "stamped", "reused", "limited"]) {
        node.open(opened(id, user, None)).await;
    }
    node.open(opened("kept", 3, None)).await;
    node.revoke(None, 1, RevokeTarget::One("one".to_owned())).await;
    node.revoke(None, 2, RevokeTarget::All).await;
    let others = RevokeTarget::Others { kept: "kept".to_owned(), security_stamp: "stamp".to_owned() };
    node.revoke(None, 3, others).await;
    let mut rotation = node.rotation("stamped", "stamped-1", "stamped-2");
    "another".clone_into(&mut rotation.security_stamp);
    assert_eq!(node.store.rotate(rotation).await.unwrap(), RotationOutcome::Outdated);
    assert_eq!(node.rotate("reused", "reused-0", "reused-2").await, RotationOutcome::Reused);
    assert_eq!(node.open(opened("newest", 6, Some(1))).await, ["limited"]);
    let mut all: Vec<_> = ["one", "all", "others", "stamped", "reused", "limited"].map(str::to_owned).into();
    all.sort();
    for id in &all {
        assert_eq!(node.rotate(id, &format!("{id}-1"), "next").await, RotationOutcome::Revoked, "{id}");
    }
    all
}

/// Ends sessions of many users at once.
async fn end_together(node: &Node) -> Vec<String> {
    let mut ending = JoinSet::new();
    for user in 100..150 {
        let id = format!("together-{user}");
        let mut session = node.session(&id, user, SessionDetails::new(node.at(0)));
        session.expires_at = node.at(30 * 86_400);
        session.ticket.expires_at = session.expires_at;
        node.open(session).await;
    }
    for user in 100..150 {
        let node = node.clone();
        ending.spawn(async move { node.revoke(None, user, RevokeTarget::All).await });
    }
    ending.join_all().await.concat()
}

/// A store with the clock of its callers forgets ended sessions after an hour, and no other session.
async fn forgets_after_an_hour(store: Arc<dyn SessionStore>) {
    let node = Node::to(store);
    let ended = end_in_each_way(&node).await;
    let month = Duration::from_hours(30 * 24);
    let clean = async |seconds: i64| {
        let request = RemoveExpired::new(node.at(seconds), month);
        while node.store.remove_expired(request).await.unwrap() > 0 {}
    };
    clean(3599).await;
    for id in &ended {
        assert_eq!(node.rotate(id, "any", "next").await, RotationOutcome::Revoked, "{id}");
    }
    clean(3600).await;
    for id in &ended {
        assert_eq!(node.rotate(id, "any", "next").await, RotationOutcome::Unknown, "{id}");
    }
    assert_eq!(node.since(0).await.revocations.len(), ended.len(), "their revocations stay");
    for id in ["kept", "newest"] {
        let rotated = node.rotate(id, &format!("{id}-1"), "next").await;
        assert!(matches!(rotated, RotationOutcome::Rotated(_)), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_in_memory_forgets_an_ended_session_after_an_hour() {
    forgets_after_an_hour(Arc::new(MemorySessions::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_forgets_an_ended_session_after_an_hour() {
    let folder = tempdir().unwrap();
    let store = SqliteSessions::open(folder.path().join("sessions.db")).await.unwrap();
    store.migrate().await.unwrap();
    forgets_after_an_hour(Arc::new(store)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_row_of_an_ended_session_expires_within_an_hour_in_postgresql() {
    let server = PostgresServer::start();
    let pool = PgPool::connect(&server.url()).await.unwrap();
    let store = PostgresSessions::new(pool.clone()).unwrap();
    store.migrate().await.unwrap();
    let node = Node::to(Arc::new(store));
    let mut ended = end_in_each_way(&node).await;
    ended.extend(end_together(&node).await);
    ended.sort();
    let lives = "SELECT id, current_expires_at - ended_at AS left, last_day = current_expires_at / 86400 \
                 FROM gatevault_sessions WHERE ended_at IS NOT NULL ORDER BY id";
    let rows: Vec<(String, i64, bool)> = sqlx::query_as(lives).fetch_all(&pool).await.unwrap();
    assert_eq!(rows, ended.into_iter().map(|id| (id, 3600, true)).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_of_an_ended_session_expires_within_an_hour_in_redis() {
    let server = RedisServer::start();
    let node = Node::to(Arc::new(RedisSessions::connect(server.url()).await.unwrap()));
    let ended = end_in_each_way(&node).await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for (ids, expected) in [(ended, 1..=3_600_000), (vec!["kept".to_owned()], 3_600_001..=i64::MAX)] {
        for id in ids {
            let keys: Vec<String> = connection.keys(format!("*{id}")).await.unwrap();
            let [key] = &keys[..] else { panic!("{keys:?}") };
            let left: i64 = connection.pttl(key).await.unwrap();
            assert!(expected.contains(&left), "{id}: {left}");
        }
    }
}

/// A session that would have expired earlier is not kept for longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_session_never_prolongs_its_row() {
    let node = Node::to(Arc::new(MemorySessions::new()));
    let mut session = node.session("brief", 1, SessionDetails::new(node.at(0)));
    session.ticket.expires_at = node.at(60);
    node.open(session).await;
    node.revoke(None, 1, RevokeTarget::All).await;
    while node.store.remove_expired(RemoveExpired::new(node.at(60), Duration::MAX)).await.unwrap() > 0 {}
    assert_eq!(node.rotate("brief", "any", "next").await, RotationOutcome::Unknown);
}
