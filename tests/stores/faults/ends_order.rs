//! PostgreSQL: revocations of several processes at once, in some order, and how the server finds the sessions.

use std::collections::BTreeSet;
use std::ops::Range;

use gatevault::session::RevokeTarget;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

use crate::ends_node::{Database, LONG, Node};
use crate::notified::until;

/// Two processes revoke, while readers in both follow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_beside_two_processes_misses_nothing_up_to_its_position() {
    let database = Database::start().await;
    let nodes = [database.node(4, LONG).await, database.node(4, LONG).await];
    let mut working = JoinSet::new();
    for number in 0..160_usize {
        let node = nodes[number % 2].clone();
        working.spawn(async move {
            let (id, user) = (format!("s{number}"), format!("u{}", number % 5));
            node.open(node.login(&id, &user, 0)).await.unwrap();
            match number % 4 {
                0 => node.record_token(&format!("t{number}")).await.unwrap(),
                1 => drop(node.revoke(&user, RevokeTarget::All).await.unwrap()),
                _ => drop(node.revoke(&user, RevokeTarget::One(id)).await.unwrap()),
            }
        });
    }
    let (mut seen, mut positions) = ([BTreeSet::new(), BTreeSet::new()], [0; 2]);
    loop {
        let is_last = working.is_empty();
        for (node, (seen, position)) in nodes.iter().zip(seen.iter_mut().zip(&mut positions)) {
            let batch = node.since(*position).await.unwrap();
            *position = batch.position;
            for revocation in batch.revocations {
                assert!(seen.insert(revocation.id.clone()), "{} is seen again", revocation.id);
            }
            // Nothing appears later at a position that was seen.
            let all = node.since(0).await.unwrap();
            if all.position == *position {
                let all: BTreeSet<_> = all.revocations.into_iter().map(|revocation| revocation.id).collect();
                assert_eq!(*seen, all);
            }
        }
        if is_last {
            break;
        }
        while working.try_join_next().is_some() {}
    }
    let all = nodes[0].since(0).await.unwrap().revocations;
    assert!(seen.iter().all(|seen| seen.len() == all.len()));
}

/// Each user has a session that a request keeps, beside requests that end it or keep another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_of_one_user_at_once_leave_what_some_order_of_them_leaves() {
    let database = Database::start().await;
    let node = database.node(10, LONG).await;
    for round in 0..3 {
        sqlx::query("DELETE FROM gatevault_sessions").execute(&database.pool).await.unwrap();
        for user in 0..12 {
            for session in ["a", "b", "c"] {
                let login = node.login(&format!("{session}{user}"), &format!("u{user}"), 0);
                node.open(login).await.unwrap();
            }
        }
        let held = database.hold_the_number().await;
        let mut ending = JoinSet::new();
        for user in 0..12 {
            for target in targets(user) {
                let node = node.clone();
                ending.spawn(async move { node.revoke(&format!("u{user}"), target).await.unwrap() });
            }
        }
        assert!(until(|| async { database.waiting().await >= 1 }).await);
        held.commit().await.unwrap();
        let mut ended = ending.join_all().await.concat();
        let reported = ended.len();
        ended.sort();
        ended.dedup();
        assert_eq!(ended.len(), reported, "each is reported once");
        for user in 0..12 {
            let active = active(&database, user).await;
            assert!(outcomes(user).contains(&active), "{round} {user}: {active:?}");
        }
    }
}

fn others(kept: &str, user: usize, stamp: &str) -> RevokeTarget {
    RevokeTarget::Others { kept: format!("{kept}{user}"), security_stamp: stamp.to_owned() }
}

/// Returns the requests of a user that run at once.
fn targets(user: usize) -> Vec<RevokeTarget> {
    match user % 4 {
        0 => vec![others("a", user, "x"), others("a", user, "y")],
        1 => vec![others("a", user, "x"), RevokeTarget::One(format!("b{user}"))],
        2 => vec![others("a", user, "x"), RevokeTarget::All],
        _ => vec![others("a", user, "x"), others("b", user, "y"), RevokeTarget::One(format!("c{user}"))],
    }
}

/// Returns what each order of them leaves: the active session and its stamp.
fn outcomes(user: usize) -> Vec<Vec<(String, String)>> {
    let a = |stamp: &str| vec![(format!("a{user}"), stamp.to_owned())];
    match user % 4 {
        0 => vec![a("x"), a("y")],
        1 => vec![a("x")],
        _ => vec![Vec::new()],
    }
}

async fn active(database: &Database, user: usize) -> Vec<(String, String)> {
    let query = "SELECT id, stamp FROM gatevault_sessions WHERE ended_at IS NULL AND user_id = $1";
    sqlx::query_as(query).bind(format!("\"u{user}\"")).fetch_all(&database.pool).await.unwrap()
}

/// Plans the statements while the tables are empty, and keeps the plans.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_reads_few_sessions_even_if_it_was_planned_for_an_empty_table() {
    let database = Database::start().await;
    let options: PgConnectOptions = database.server.url().parse().unwrap();
    let options = options.options([("plan_cache_mode", "force_generic_plan")]);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let node = Node::over_pool(&pool, LONG);
    // Prepared once the store knows that a connection keeps its statements.
    let prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'WITH requests%'";
    let is_prepared = || async {
        burst(&database, &node, 0..8).await;
        let mut connection = pool.acquire().await.unwrap();
        sqlx::query_scalar::<_, i64>(prepared).fetch_one(&mut *connection).await.unwrap() == 1
    };
    assert!(until(is_prepared).await);
    for target in alone() {
        node.revoke("u0", target).await.unwrap();
    }
    let fill = "INSERT INTO gatevault_sessions (id, pool, user_id, kind, authenticated_at, amr, scopes, persistent, \
                expires_at, current_id, current_issued_at, current_expires_at, stamp) \
                SELECT 's' || number, 'null', '\"u' || number || '\"', 'login', 0, '[]', '[]', 0, \
                9000000000, '', 0, 9000000000, 'stamp' FROM generate_series(0, 20000) AS number";
    sqlx::query(fill).execute(&database.pool).await.unwrap();
    for (number, target) in alone().into_iter().enumerate() {
        node.revoke(&format!("u{}", 300 + number), target).await.unwrap();
    }
    burst(&database, &node, 0..200).await;
    pool.close().await;
    // The server counts what a connection has read when it is closed.
    let read = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'gatevault_sessions'";
    let others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND query LIKE 'WITH requests%'";
    assert!(until(|| async { database.count(others).await == 0 }).await);
    let rows = database.count(read).await;
    assert!(rows < 1000, "{rows} rows in scans of the whole table");
    assert_eq!(
        database.count("SELECT count(*) FROM gatevault_sessions WHERE ended_at IS NOT NULL").await,
        204
    );
}

/// Returns a request of each kind, for users with numbers from 300.
fn alone() -> [RevokeTarget; 4] {
    let kept = RevokeTarget::Others { kept: "none".to_owned(), security_stamp: "x".to_owned() };
    [RevokeTarget::One("s300".to_owned()), RevokeTarget::All, kept, RevokeTarget::Logins]
}

/// Ends sessions of these users in few statements.
async fn burst(database: &Database, node: &Node, users: Range<usize>) {
    let held = database.hold_the_number().await;
    // Ends that find no session would not wait for the lock. The revocation of a token does, and they wait behind it.
    let recording = node.clone();
    let recording = tokio::spawn(async move { recording.record_token("token").await.unwrap() });
    assert!(until(|| async { database.waiting().await >= 1 }).await);
    let mut ending = JoinSet::new();
    for number in users {
        let node = node.clone();
        ending.spawn(async move {
            let (user, id) = (format!("u{number}"), format!("s{number}"));
            let target = match number % 4 {
                0 => RevokeTarget::All,
                3 => RevokeTarget::Logins,
                1 => RevokeTarget::Others { kept: "none".to_owned(), security_stamp: "x".to_owned() },
                _ => RevokeTarget::One(id),
            };
            node.revoke(&user, target).await.unwrap()
        });
    }
    held.commit().await.unwrap();
    ending.join_all().await;
    recording.await.unwrap();
}
