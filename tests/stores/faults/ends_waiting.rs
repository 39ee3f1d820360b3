//! PostgreSQL: revocations that wait for the number of another, and what does not wait for them.

use gatevault::session::{RevokeTarget, RotationOutcome};
use gatevault_servers::PoolerServer;
use tokio::task::JoinSet;

use crate::ends_node::{Database, LONG, Node};
use crate::notified::until;

/// Opens a session for each of so many users.
async fn open(node: &Node, users: usize) {
    let mut opening = JoinSet::new();
    for number in 0..users {
        let (node, id) = (node.clone(), format!("s{number}"));
        opening.spawn(async move { node.open(node.login(&id, &format!("u{number}"), 0)).await.unwrap() });
    }
    opening.join_all().await;
}

/// Starts to end the session of each of so many users. Each returns whether it ended that session and no other.
fn log_out(node: &Node, users: usize) -> JoinSet<bool> {
    let mut ending = JoinSet::new();
    for number in 0..users {
        let (node, id) = (node.clone(), format!("s{number}"));
        ending.spawn(async move {
            let target = match number % 2 {
                0 => RevokeTarget::One(id.clone()),
                _ => RevokeTarget::All,
            };
            node.revoke(&format!("u{number}"), target).await.unwrap() == [id]
        });
    }
    ending
}

/// Starts a second login of each of so many users, who may have one session.
fn log_in(node: &Node, users: usize) -> JoinSet<bool> {
    let mut ending = JoinSet::new();
    for number in 0..users {
        let (node, id) = (node.clone(), format!("s{number}"));
        ending.spawn(async move {
            let login = node.login(&format!("new {number}"), &format!("u{number}"), 1);
            node.open(login).await.unwrap() == [id]
        });
    }
    ending
}

/// Refreshes, lists and logs in below the limit several times, beside operations that wait for a lock.
async fn assert_passes(database: &Database, node: &Node, round: &str) {
    node.open(node.login(&format!("beside {round}"), "beside", 0)).await.unwrap();
    for number in 1..=20 {
        let outcome = node.rotate(&format!("beside {round}"), number).await.unwrap();
        assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
        assert!(!node.ids("beside").await.unwrap().is_empty());
        node.open(node.login(&format!("below {round} {number}"), "beside", 1000)).await.unwrap();
        assert!(database.waiting().await <= 2, "one for ends, or two for logins above the limit");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refresh_list_or_login_waits_for_the_logouts_of_others() {
    let database = Database::start().await;
    let node = database.node(10, LONG).await;
    open(&node, 64).await;
    let held = database.hold_the_number().await;
    let ending = log_out(&node, 64);
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    assert_passes(&database, &node, "logouts").await;
    held.commit().await.unwrap();
    assert_eq!(ending.join_all().await, [true; 64]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refresh_list_or_login_waits_for_logins_above_the_limit() {
    let database = Database::start().await;
    let node = database.node(10, LONG).await;
    open(&node, 64).await;
    let held = database.hold_the_number().await;
    let ending = log_in(&node, 64);
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    assert_passes(&database, &node, "logins").await;
    held.commit().await.unwrap();
    assert_eq!(ending.join_all().await, [true; 64]);
    let left = "SELECT count(*) FROM gatevault_sessions WHERE ended_at IS NULL AND user_id <> '\"beside\"'";
    assert_eq!(database.count(left).await, 64, "one of each user");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refresh_waits_for_revocations_of_tokens_or_reused_tokens() {
    let database = Database::start().await;
    let node = database.node(10, LONG).await;
    open(&node, 32).await;
    for number in 0..32 {
        for token in 1..=2 {
            node.rotate(&format!("s{number}"), token).await.unwrap();
        }
    }
    let held = database.hold_the_number().await;
    let mut working = JoinSet::new();
    for number in 0..32 {
        let recording = node.clone();
        working.spawn(async move { recording.record_token(&format!("t{number}")).await.is_ok() });
        let reusing = node.clone();
        working.spawn(async move {
            // The first token, two rotations ago.
            reusing.rotate(&format!("s{number}"), 1).await.unwrap() == RotationOutcome::Reused
        });
    }
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    assert_passes(&database, &node, "records").await;
    held.commit().await.unwrap();
    assert_eq!(working.join_all().await, [true; 64]);
    assert_eq!(node.since(0).await.unwrap().revocations.len(), 64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_logouts_share_a_statement() {
    let database = Database::start().await;
    let node = database.node(10, LONG).await;
    open(&node, 256).await;
    let held = database.hold_the_number().await;
    let ending = log_out(&node, 256);
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    assert_passes(&database, &node, "logouts").await;
    held.commit().await.unwrap();
    assert_eq!(ending.join_all().await, [true; 256]);
    let numbers = node.since(0).await.unwrap().position;
    assert!(numbers <= 32, "{numbers} statements");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_of_one_connection_is_enough_for_all_operations_at_once() {
    let database = Database::start().await;
    let node = database.node(1, LONG).await;
    open(&node, 96).await;
    let mut working = log_out(&node, 32);
    for number in 32..96 {
        let (node, id) = (node.clone(), format!("s{number}"));
        let user = format!("u{number}");
        working.spawn(async move {
            match number % 4 {
                0 => node.open(node.login(&format!("new {number}"), &user, 1)).await.unwrap() == [id],
                1 => node.record_token(&format!("t{number}")).await.is_ok(),
                2 => matches!(node.rotate(&id, 1).await.unwrap(), RotationOutcome::Rotated(_)),
                _ => node.ids(&user).await.unwrap() == [id],
            }
        });
    }
    assert_eq!(working.join_all().await, [true; 96]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bursts_work_in_each_mode_of_a_pooler() {
    for mode in ["transaction", "statement", "session"] {
        let database = Database::start().await;
        let pooler = PoolerServer::start(&database.server, mode, &[]);
        let node = database.node_at(&database.server.url_at(pooler.address()), 4, LONG).await;
        for _ in 0..3 {
            sqlx::query("DELETE FROM gatevault_sessions").execute(&database.pool).await.unwrap();
            open(&node, 64).await;
            let mut working = log_out(&node, 32);
            for number in 32..64 {
                let node = node.clone();
                working.spawn(async move {
                    let login = node.login(&format!("new {number}"), &format!("u{number}"), 1);
                    let ended = node.open(login).await.unwrap();
                    node.record_token(&format!("t{number}")).await.unwrap();
                    ended == [format!("s{number}")]
                });
            }
            assert_eq!(working.join_all().await, [true; 64], "{mode}");
        }
    }
}
