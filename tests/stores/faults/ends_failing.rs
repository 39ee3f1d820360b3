//! PostgreSQL: bursts of revocations of which some fail.

use std::collections::BTreeSet;
use std::time::Duration;

use gatevault::session::RevokeTarget;
use gatevault_servers::PostgresServer;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, raw_sql};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::behind_proxy::{Behind, in_time};
use crate::ends_node::{Database, LONG, Node};
use crate::notified::until;

/// Opens so many sessions of users of their own.
async fn open(node: &Node, sessions: usize) {
    for number in 0..sessions {
        node.open(node.login(&format!("s{number}"), &format!("u{number}"), 0)).await.unwrap();
    }
}

async fn log_out(node: &Node, number: usize) -> Result<Vec<String>, gatevault::StoreError> {
    node.revoke(&format!("u{number}"), RevokeTarget::One(format!("s{number}"))).await
}

const ACTIVE: &str = "SELECT count(*) FROM gatevault_sessions WHERE ended_at IS NULL";

/// In a database whose encoding is ISO 8859-1.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_the_database_cannot_store_fails_no_other_request_of_a_burst() {
    let server = PostgresServer::start();
    let options: PgConnectOptions = server.url().parse().unwrap();
    let create = "CREATE DATABASE narrow ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    raw_sql(create).execute(&mut options.connect().await.unwrap()).await.unwrap();
    let database = Database::on(server, "narrow").await;
    let node = database.node(4, LONG).await;
    for round in 0..3 {
        raw_sql("DELETE FROM gatevault_sessions").execute(&database.pool).await.unwrap();
        open(&node, 32).await;
        let held = database.hold_the_number().await;
        let mut ending = JoinSet::new();
        for number in 0..32 {
            let (ended, refused, forged) = (node.clone(), node.clone(), node.clone());
            ending.spawn(async move { log_out(&ended, number).await.unwrap() == [format!("s{number}")] });
            if number % 8 == 3 {
                let target = RevokeTarget::One("\u{20ac}".to_owned());
                ending.spawn(async move { refused.revoke("u1", target).await.is_err() });
                ending.spawn(async move { forged.record_token("token \u{1f4f1}").await.is_err() });
            }
        }
        assert!(until(|| async { database.waiting().await >= 1 }).await);
        held.commit().await.unwrap();
        assert_eq!(ending.join_all().await, [true; 40], "{round}");
        assert_eq!(database.count(ACTIVE).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_that_reaches_the_limit_is_answered_and_can_be_repeated() {
    let database = Database::start().await;
    let node = database.node(10, Duration::from_secs(1)).await;
    open(&node, 48).await;
    let held = database.hold_the_number().await;
    for round in 0..2 {
        let mut ending = JoinSet::new();
        for number in 0..32 {
            let node = node.clone();
            ending.spawn(async move { in_time(log_out(&node, number)).await.is_err() });
        }
        for number in 32..48 {
            let node = node.clone();
            ending.spawn(async move {
                let login = node.login(&format!("new {number}"), &format!("u{number}"), 1);
                in_time(node.open(login)).await.is_err()
            });
        }
        assert_eq!(ending.join_all().await, [true; 48]);
        // Statements whose callers have gone leave connections to others.
        node.open(node.login(&format!("beside {round}"), "beside", 0)).await.unwrap();
        assert!(!node.ids("u0").await.unwrap().is_empty());
    }
    held.commit().await.unwrap();
    for number in 0..32 {
        assert!(until(|| async { log_out(&node, number).await.is_ok() }).await);
        assert!(node.ids(&format!("u{number}")).await.unwrap().is_empty());
    }
    for number in 32..48 {
        let login = || node.login(&format!("again {number}"), &format!("u{number}"), 1);
        assert!(until(|| async { node.open(login()).await.is_ok() }).await);
        assert_eq!(node.ids(&format!("u{number}")).await.unwrap(), [format!("again {number}")]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_are_dropped_in_a_burst_take_no_other_with_them() {
    let database = Database::start().await;
    let node = database.node(4, LONG).await;
    open(&node, 64).await;
    let held = database.hold_the_number().await;
    let mut ending = JoinSet::new();
    let mut dropped = Vec::new();
    for number in 0..64 {
        let node = node.clone();
        let logout = async move { log_out(&node, number).await.unwrap() == [format!("s{number}")] };
        if number % 2 == 0 { dropped.push(tokio::spawn(logout)) } else { drop(ending.spawn(logout)) }
    }
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    for caller in &dropped {
        caller.abort();
    }
    held.commit().await.unwrap();
    assert_eq!(ending.join_all().await, [true; 32]);
    // An operation that began completes without its caller.
    let active = "SELECT count(*) FROM gatevault_sessions WHERE ended_at IS NULL AND right(id, 1) IN ('1', '3', '5', '7', '9')";
    assert_eq!(database.count(active).await, 0);
}

#[test]
fn a_runtime_that_shuts_down_in_a_burst_answers_its_callers() {
    let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let inside = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let database = outside.block_on(Database::start());
    let node = inside.block_on(database.node(4, LONG));
    inside.block_on(open(&node, 16));
    let held = outside.block_on(database.hold_the_number());
    let mut ending = JoinSet::new();
    for number in 0..16 {
        let node = node.clone();
        ending.spawn_on(async move { in_time(log_out(&node, number)).await.is_err() }, outside.handle());
    }
    assert!(outside.block_on(until(|| async { database.waiting().await >= 1 })));
    inside.shutdown_background();
    assert_eq!(outside.block_on(ending.join_all()), [true; 16]);
    outside.block_on(held.commit()).unwrap();
    outside.block_on(async {
        let node = database.node(4, LONG).await;
        for number in 0..16 {
            log_out(&node, number).await.unwrap();
        }
        assert_eq!(database.count(ACTIVE).await, 0);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_whose_answer_is_lost_can_be_repeated() {
    let Behind { server, proxy, store, .. } = Behind::<PostgresServer>::proxy().await;
    let (database, node) = (Database::on(server, "postgres").await, Node::to(store));
    for round in 0..3 {
        let id = |number: usize| format!("{round} {number}");
        for number in 0..24 {
            let login = node.login(&id(number), &format!("u{number}"), 0);
            assert!(until(|| async { node.open(login.clone()).await.is_ok() }).await);
        }
        let held = database.hold_the_number().await;
        let mut ending = JoinSet::new();
        for number in 0..24 {
            let (node, id) = (node.clone(), id(number));
            ending.spawn(async move {
                let target = RevokeTarget::One(id.clone());
                let ended = in_time(node.revoke(&format!("u{number}"), target)).await;
                ended.map_or(true, |ended| ended == [id])
            });
        }
        assert!(until(|| async { database.waiting().await >= 1 }).await);
        proxy.lose_next_answer();
        held.commit().await.unwrap();
        assert_eq!(ending.join_all().await, [true; 24]);
        for number in 0..24 {
            let user = format!("u{number}");
            let again = || node.revoke(&user, RevokeTarget::One(id(number)));
            assert!(until(|| async { again().await.is_ok() }).await);
        }
        assert_eq!(database.count(ACTIVE).await, 0);
    }
    assert_eq!(node.since(0).await.unwrap().revocations.len(), 72, "each is recorded once");
}

/// Before, during and after the commits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_in_a_burst_revives_no_session_that_was_reported() {
    let mut database = Database::start().await;
    let node = database.node(6, Duration::from_secs(2)).await;
    for round in 0..4_u64 {
        let sessions = 120;
        for number in 0..sessions {
            let login = node.login(&format!("{round} {number}"), &format!("u{}", number % 7), 0);
            assert!(until(|| async { node.open(login.clone()).await.is_ok() }).await);
        }
        let mut ending = JoinSet::new();
        for number in 0..sessions {
            let node = node.clone();
            ending.spawn(async move {
                let (user, target) =
                    (format!("u{}", number % 7), RevokeTarget::One(format!("{round} {number}")));
                sleep(Duration::from_millis(number / 20)).await;
                in_time(node.revoke(&user, target)).await.ok()
            });
        }
        sleep(Duration::from_millis(round * 3)).await;
        database = tokio::task::spawn_blocking(move || {
            database.server.kill();
            database.server.start_again();
            database
        })
        .await
        .unwrap();
        let reported: Vec<String> = ending.join_all().await.into_iter().flatten().flatten().collect();
        let distinct: BTreeSet<&String> = reported.iter().collect();
        assert_eq!(distinct.len(), reported.len());
        let mut ended: Vec<String> = Vec::new();
        let query = "SELECT id FROM gatevault_sessions WHERE ended_at IS NOT NULL";
        assert!(
            until(|| async { sqlx::query("SELECT 1").execute(&database.pool).await.is_ok() }).await,
            "the server is back"
        );
        ended.extend(sqlx::query_scalar(query).fetch_all(&database.pool).await.unwrap());
        assert!(reported.iter().all(|id| ended.contains(id)), "{reported:?} of {ended:?}");
        // Each can be repeated.
        for number in 0..sessions {
            let (user, id) = (format!("u{}", number % 7), format!("{round} {number}"));
            let again = || node.revoke(&user, RevokeTarget::One(id.clone()));
            assert!(until(|| async { again().await.is_ok() }).await);
        }
        assert_eq!(database.count(ACTIVE).await, 0);
    }
}
