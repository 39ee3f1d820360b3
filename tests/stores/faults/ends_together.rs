//! PostgreSQL: revocations that share a statement, from callers that differ, or of which the database refuses each.

use std::sync::Arc;
use std::time::Duration;

use gatevault::session::RevokeTarget;
use gatevault::{PostgresSessions, StoreError};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::raw_sql;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::behind_proxy::in_time;
use crate::ends_node::{Database, LONG, Node};
use crate::notified::until;

/// Opens so many sessions of users of their own.
async fn open(node: &Node, sessions: usize) {
    for number in 0..sessions {
        node.open(node.login(&format!("s{number}"), &format!("u{number}"), 0)).await.unwrap();
    }
}

async fn log_out(node: Node, number: usize) -> Result<Vec<String>, StoreError> {
    node.revoke(&format!("u{number}"), RevokeTarget::One(format!("s{number}"))).await
}

/// Logs in above the limit.
async fn log_in(node: Node, number: usize) -> Result<Vec<String>, StoreError> {
    node.open(node.login(&format!("new {number}"), &format!("u{number}"), 1)).await
}

async fn pool(database: &Database, connections: u32) -> PgPool {
    let options = (*database.pool.connect_options()).clone();
    PgPoolOptions::new().max_connections(connections).connect_with(options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_clone_of_a_store_keeps_its_own_limit() {
    let database = Database::start().await;
    let store = PostgresSessions::new(pool(&database, 6).await).unwrap();
    let brief = Node::to(Arc::new(store.clone().time_limit(Duration::from_millis(500))));
    let node = Node::to(Arc::new(store.time_limit(LONG)));
    open(&node, 32).await;
    let held = database.hold_the_number().await;
    let mut early = JoinSet::new();
    for number in 0..4 {
        early.spawn(in_time(log_out(brief.clone(), number)));
        early.spawn(in_time(log_in(brief.clone(), number + 4)));
    }
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    let mut ending = JoinSet::new();
    for number in 8..32 {
        let (node, id) = (node.clone(), format!("s{number}"));
        ending.spawn(async move {
            let ended =
                if number % 2 == 0 { log_out(node, number).await } else { log_in(node, number).await };
            ended.unwrap() == [id]
        });
    }
    assert!(early.join_all().await.iter().all(Result::is_err), "the brief limit");
    // For longer than the brief limit, whose callers came first.
    sleep(Duration::from_secs(2)).await;
    held.commit().await.unwrap();
    assert_eq!(ending.join_all().await, [true; 24]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_at_a_database_that_refuses_all_writes_takes_few_statements() {
    let database = Database::start().await;
    let node = database.node(4, LONG).await;
    open(&node, 256).await;
    let read_only = "ALTER DATABASE postgres SET default_transaction_read_only = on";
    raw_sql(read_only).execute(&database.pool).await.unwrap();
    let refused = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    let before = database.count(refused).await;
    let pool = pool(&database, 4).await;
    let mut lock = database.pool.begin().await.unwrap();
    raw_sql("LOCK TABLE gatevault_sessions").execute(&mut *lock).await.unwrap();
    let mut ending = JoinSet::new();
    let node = Node::over_pool(&pool, LONG);
    for number in 0..256 {
        ending.spawn(log_out(node.clone(), number));
    }
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    lock.rollback().await.unwrap();
    assert!(ending.join_all().await.iter().all(Result::is_err));
    // The server counts the transactions of a connection when it ends at the latest.
    pool.close().await;
    assert!(until(|| async { database.count(refused).await > before }).await);
    let statements = database.count(refused).await - before;
    assert!(statements <= 64, "{statements} statements");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_is_closed_in_a_burst_answers_its_callers() {
    let database = Database::start().await;
    let pool = pool(&database, 3).await;
    let node = Node::over_pool(&pool, LONG);
    open(&node, 64).await;
    let held = database.hold_the_number().await;
    let mut ending = JoinSet::new();
    for number in 0..32 {
        ending.spawn(in_time(log_out(node.clone(), number)));
        ending.spawn(in_time(log_in(node.clone(), number + 32)));
    }
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    let closing = tokio::spawn(async move { pool.close().await });
    held.commit().await.unwrap();
    let reported: Vec<String> =
        ending.join_all().await.into_iter().filter_map(Result::ok).flatten().collect();
    closing.await.unwrap();
    let ended = "SELECT id FROM gatevault_sessions WHERE ended_at IS NOT NULL";
    let ended: Vec<String> = sqlx::query_scalar(ended).fetch_all(&database.pool).await.unwrap();
    assert!(reported.iter().all(|id| ended.contains(id)), "{reported:?} of {ended:?}");
}

/// A request that names a session of another user, or one that does not exist, has no effect on it, in a batch or alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_ends_only_what_each_request_may_end() {
    let database = Database::start().await;
    let node = database.node(4, LONG).await;
    let one = |id: &str| RevokeTarget::One(id.to_owned());
    let others =
        |kept: &str| RevokeTarget::Others { kept: kept.to_owned(), security_stamp: "new".to_owned() };
    let requests = || {
        [
            ("bob", one("a1"), vec![]),
            ("ada", one("a1"), vec!["a1"]),
            ("bob", others("a2"), vec!["b1", "b2"]),
            ("cy", others("nothing"), vec!["c1"]),
            ("dan", others("d1"), vec!["d2"]),
            ("dan\0", one("d1"), vec![]),
            ("eve", one("d1\0"), vec![]),
            ("e'\\\"$1", one("\\u0000'$2"), vec!["\\u0000'$2"]),
            ("\u{1}\u{7f}\u{2028}", RevokeTarget::All, vec!["odd"]),
            // Sessions of keys, of which `k0` ends here.
            ("fay", RevokeTarget::Logins, vec!["f1"]),
            ("gus", others("g1"), vec!["g2"]),
            ("hal", others("k3"), vec!["h1"]),
            ("ida", RevokeTarget::All, vec!["i1", "k0"]),
        ]
    };
    for is_batch in [false, true, true] {
        raw_sql("DELETE FROM gatevault_sessions").execute(&database.pool).await.unwrap();
        for (id, user) in
            [("a1", "ada"), ("a2", "ada"), ("b1", "bob"), ("b2", "bob"), ("c1", "cy"), ("d1", "dan")]
        {
            node.open(node.login(id, user, 0)).await.unwrap();
        }
        for (id, user) in [("d2", "dan"), ("\\u0000'$2", "e'\\\"$1"), ("odd", "\u{1}\u{7f}\u{2028}")] {
            node.open(node.login(id, user, 0)).await.unwrap();
        }
        for (id, user) in [("f1", "fay"), ("g1", "gus"), ("g2", "gus"), ("h1", "hal"), ("i1", "ida")] {
            node.open(node.login(id, user, 0)).await.unwrap();
        }
        for (id, user) in [("k1", "fay"), ("k2", "gus"), ("k3", "hal"), ("k0", "ida")] {
            node.open(node.key(id, user)).await.unwrap();
        }
        let held = if is_batch { Some(database.hold_the_number().await) } else { None };
        let mut ending = JoinSet::new();
        if is_batch {
            let node = node.clone();
            ending.spawn(async move { node.record_token("first").await.is_ok() });
            assert!(until(|| async { database.waiting().await >= 1 }).await);
        }
        for (user, target, expected) in requests() {
            let node = node.clone();
            let request = async move { node.revoke(user, target).await.unwrap() == expected };
            if is_batch { drop(ending.spawn(request)) } else { assert!(request.await, "{user:?}") }
        }
        if let Some(held) = held {
            held.commit().await.unwrap();
        }
        assert!(ending.join_all().await.into_iter().all(|is_expected| is_expected));
        let left = "SELECT id, stamp FROM gatevault_sessions WHERE ended_at IS NULL ORDER BY id";
        let left: Vec<(String, String)> = sqlx::query_as(left).fetch_all(&database.pool).await.unwrap();
        let keys = [("k1", "stamp"), ("k2", "stamp"), ("k3", "stamp")];
        let logins = [("a2", "stamp"), ("d1", "new"), ("g1", "new")];
        let expected = logins.into_iter().chain(keys);
        let expected = expected.map(|(id, stamp)| (id.to_owned(), stamp.to_owned()));
        assert_eq!(left, expected.collect::<Vec<_>>());
    }
}
