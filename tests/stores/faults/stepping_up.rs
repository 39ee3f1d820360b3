//! Step-ups while servers and connections fail: no session is lost, and none has two current tokens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::session::{RotationOutcome, StoredSession};
use gatevault::{RedisSessions, StoreError};
use gatevault_servers::{PostgresServer, RedisServer};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::raw_sql;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::behind_proxy::{Behind, Server, in_time};
use crate::ends_node::{Database, LONG, Node};
use crate::notified::until;

macro_rules! on_every_server {
    ($($test:ident),+ $(,)?) => {
        mod in_redis { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<super::RedisServer>().await; })+ }
        mod in_postgres { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<super::PostgresServer>().await; })+ }
    };
}

on_every_server!(
    a_server_that_is_down_changes_nothing,
    a_step_up_whose_answer_is_lost_can_be_repeated,
    a_killed_server_comes_back_with_the_last_step_up_or_a_later_one,
);

async fn found(node: &Node, id: &str) -> StoredSession {
    conclusive(|| node.find(id)).await.unwrap()
}

async fn a_server_that_is_down_changes_nothing<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let node = Node::to(Arc::clone(&behind.store));
    node.open(node.login("s", "ada", 0)).await.unwrap();
    let before = found(&node, "s").await;
    behind.proxy.refuse();
    for _ in 0..2 {
        in_time(node.step_up("s", "ada", 2)).await.unwrap_err();
        in_time(node.find("s")).await.unwrap_err();
    }
    assert_eq!(Node::to(Arc::clone(&behind.direct)).find("s").await.unwrap(), Some(before));
    behind.proxy.pass();
    let outcome = conclusive(|| node.step_up("s", "ada", 2)).await;
    assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
}

/// The client that got no answer has the first token, and the repeated request must not make it an older one.
async fn a_step_up_whose_answer_is_lost_can_be_repeated<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let node = Node::to(Arc::clone(&behind.store));
    for number in 0..5 {
        let id = format!("s{number}");
        node.open(node.login(&id, "ada", 0)).await.unwrap();
        behind.proxy.lose_next_answer();
        let _lost = in_time(node.step_up(&id, "ada", 2)).await;
        for _ in 0..2 {
            let outcome = conclusive(|| node.step_up(&id, "ada", 2)).await;
            let RotationOutcome::Rotated(stepped) = outcome else { panic!("{outcome:?}") };
            let late = conclusive(|| node.rotate(&id, 1)).await;
            assert_eq!(late, RotationOutcome::Current(stepped));
        }
    }
}

/// Kills the server while sessions step up, each many times in turn.
async fn a_killed_server_comes_back_with_the_last_step_up_or_a_later_one<S: Server>() {
    let mut behind = Behind::<S>::proxy().await;
    let mut clients = JoinSet::new();
    for client in 0..6 {
        let node = Node::to(Arc::clone(&behind.direct));
        clients.spawn(async move {
            let id = format!("s{client}");
            conclusive(|| node.open(node.login(&id, "ada", 0))).await;
            for number in 2..120 {
                let outcome = conclusive(|| node.step_up(&id, "ada", number)).await;
                assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
                let found = found(&node, &id).await;
                assert_eq!(found.ticket.id, format!("{id}-{number}"));
                assert_eq!(found.details.acr, Some(format!("class {number}")));
                sleep(Duration::from_millis(5)).await;
            }
        });
    }
    for _ in 0..2 {
        sleep(Duration::from_millis(300)).await;
        behind = tokio::task::spawn_blocking(move || {
            behind.server.kill();
            behind.server.start_again();
            behind
        })
        .await
        .unwrap();
    }
    clients.join_all().await;
}

/// Repeats the request until there is an answer.
async fn conclusive<T, F: Future<Output = Result<T, StoreError>>>(request: impl Fn() -> F) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match request().await {
            Ok(answer) => return answer,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_cannot_write_steps_nothing_up() {
    let database = Database::start().await;
    let node = database.node(2, LONG).await;
    node.open(node.login("s", "ada", 0)).await.unwrap();
    let options: PgConnectOptions = database.server.url().parse().unwrap();
    let options = options.options([("default_transaction_read_only", "on")]);
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
    let reading = Node::over_pool(&pool, LONG);
    reading.step_up("s", "ada", 2).await.unwrap_err();
    assert_eq!(reading.find("s").await.unwrap(), node.find("s").await.unwrap());
    assert_eq!(node.find("s").await.unwrap().unwrap().ticket.id, "s-1");

    let server = RedisServer::start();
    let node = Node::to(Arc::new(RedisSessions::connect(server.url()).await.unwrap()));
    node.open(node.login("s", "ada", 0)).await.unwrap();
    let before = node.find("s").await.unwrap();
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for setting in ["maxmemory", "min-replicas-to-write"] {
        let mut set = async |value: &str| {
            let mut command = redis::cmd("CONFIG");
            command.arg("SET").arg(setting).arg(value).exec_async(&mut connection).await.unwrap();
        };
        set("1").await;
        node.step_up("s", "ada", 2).await.unwrap_err();
        set("0").await;
        assert_eq!(node.find("s").await.unwrap(), before, "{setting}: all of it or nothing");
    }
}

/// At levels at which a statement fails if another has changed its rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn step_ups_at_once_are_retried_at_each_isolation_level() {
    let database = Database::start().await;
    for level in ["read committed", "repeatable read", "serializable"] {
        let node = database.node_with(("default_transaction_isolation", level)).await;
        node.open(node.login(level, "ada", 0)).await.unwrap();
        for round in 1..20 {
            let mut working = JoinSet::new();
            for number in 0..4 {
                let node = node.clone();
                working.spawn(async move { node.step_up(level, "ada", round * 10 + number).await });
            }
            for outcome in working.join_all().await {
                assert!(matches!(outcome, Ok(RotationOutcome::Rotated(_))), "{level}: {outcome:?}");
            }
            let found = node.find(level).await.unwrap().unwrap();
            let number = found.ticket.id.rsplit('-').next().unwrap();
            assert_eq!(found.details.acr, Some(format!("class {number}")), "{level}");
        }
    }
}

/// Plans the statements while the tables are empty, keeps the plans, and runs them on full ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_up_and_a_lookup_go_through_the_primary_key_in_postgres() {
    let database = Database::start().await;
    let fill = "INSERT INTO gatevault_sessions (id, pool, user_id, kind, authenticated_at, amr, scopes, persistent, \
                expires_at, current_id, current_issued_at, current_expires_at, stamp) \
                SELECT 's' || n, 'null', '\"ada\"', 'login', 0, '[]', '[]', 0, 9000000000, '', 0, 9000000000, 'stamp' \
                FROM generate_series(1, 50000) AS n; \
                INSERT INTO gatevault_spent_tokens SELECT 't' || n, 9000000000 FROM generate_series(1, 50000) AS n ON CONFLICT DO NOTHING";
    for plan in ["force_generic_plan", "force_custom_plan"] {
        raw_sql("TRUNCATE gatevault_sessions, gatevault_spent_tokens").execute(&database.pool).await.unwrap();
        let pool = planning(&database, plan).await;
        let node = Node::over_pool(&pool, LONG);
        use_each(&node).await;
        raw_sql(fill).execute(&database.pool).await.unwrap();
        let before = rows_read(&database).await;
        for _ in 0..3 {
            use_each(&node).await;
        }
        // The server counts what a connection has read when it is closed.
        pool.close().await;
        let others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
                      AND application_name = 'planned'";
        assert!(until(|| async { database.count(others).await == 0 }).await);
        let rows = rows_read(&database).await - before;
        assert!(
            rows < 1000,
            "{plan}: {rows} rows in scans of whole tables, or through an index of another column"
        );
    }
}

async fn planning(database: &Database, plan: &str) -> PgPool {
    let options: PgConnectOptions = database.server.url().parse().unwrap();
    let options = options.options([("plan_cache_mode", plan)]).application_name("planned");
    PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

/// Steps a session up, finds one, and spends a token, of those that are there and of others.
async fn use_each(node: &Node) {
    for id in ["s7", "none"] {
        for _ in 0..8 {
            node.step_up(id, "ada", 2).await.unwrap();
            node.find(id).await.unwrap();
        }
    }
    for id in ["t7", "none"] {
        node.spend(id).await.unwrap();
    }
}

/// Returns the rows that scans of whole tables and of indexes have read.
async fn rows_read(database: &Database) -> i64 {
    database
        .count(
            "SELECT (SUM(seq_tup_read) + SUM(idx_tup_fetch))::BIGINT FROM pg_stat_user_tables \
             WHERE relname IN ('gatevault_sessions', 'gatevault_spent_tokens')",
        )
        .await
}
