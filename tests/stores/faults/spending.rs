//! Tokens that may be used once, while servers and connections fail: no token is spent twice.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatevault::{PostgresSessions, RedisSessions, SessionStore, SqliteSessions};
use gatevault_servers::{PostgresServer, RedisServer};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::raw_sql;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::behind_proxy::{Behind, Server, in_time};
use crate::ends_node::{Database, LONG, Node};

macro_rules! on_every_server {
    ($($test:ident),+ $(,)?) => {
        mod in_redis { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<super::RedisServer>().await; })+ }
        mod in_postgres { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<super::PostgresServer>().await; })+ }
    };
}

on_every_server!(
    a_server_that_is_down_spends_nothing,
    a_token_whose_answer_is_lost_is_spent,
    a_server_that_stalls_is_waited_for_no_longer_than_the_limit,
    a_killed_server_forgets_no_token_that_it_reported_as_spent,
);

async fn a_server_that_is_down_spends_nothing<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let node = Node::to(Arc::clone(&behind.store));
    behind.proxy.refuse();
    for _ in 0..3 {
        in_time(node.spend("one")).await.unwrap_err();
    }
    behind.proxy.pass();
    assert!(conclusive(|| node.spend("one")).await);
    assert!(!Node::to(behind.direct).spend("one").await.unwrap());
}

/// The caller that repeats its request after the error is not the first any more.
async fn a_token_whose_answer_is_lost_is_spent<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let node = Node::to(Arc::clone(&behind.store));
    assert!(node.spend("zero").await.unwrap());
    for number in 0..5 {
        let id = number.to_string();
        behind.proxy.lose_next_answer();
        let lost = in_time(node.spend(&id)).await;
        let again = conclusive(|| node.spend(&id)).await;
        // A store may have used another connection for it.
        assert!(!(again && lost.is_ok_and(|is_first| is_first)));
        assert!(!Node::to(Arc::clone(&behind.direct)).spend(&id).await.unwrap());
    }
}

async fn a_server_that_stalls_is_waited_for_no_longer_than_the_limit<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let node = Node::to(Arc::clone(&behind.store));
    assert!(node.spend("zero").await.unwrap());
    behind.proxy.stall();
    in_time(node.spend("one")).await.unwrap_err();
    behind.proxy.pass();
    conclusive(|| node.spend("one")).await;
    assert!(!conclusive(|| node.spend("one")).await);
}

/// Kills the server while eight callers spend each token: before, during and after its commits.
async fn a_killed_server_forgets_no_token_that_it_reported_as_spent<S: Server>() {
    let mut behind = Behind::<S>::proxy().await;
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let node = Node::to(Arc::clone(&behind.direct));
        callers.spawn(async move {
            let mut first = Vec::new();
            for number in 0..200 {
                if node.spend(&number.to_string()).await.is_ok_and(|is_first| is_first) {
                    first.push(number);
                }
                sleep(Duration::from_millis(4)).await;
            }
            first
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
    let mut uses = HashMap::new();
    for number in callers.join_all().await.into_iter().flatten() {
        *uses.entry(number).or_insert(0) += 1;
    }
    assert!(uses.values().all(|uses| *uses == 1), "{uses:?}");
    let node = Node::to(behind.direct);
    for id in uses.keys().map(ToString::to_string) {
        assert!(!conclusive(|| node.spend(&id)).await, "{id}");
    }
}

/// Repeats the request until there is an answer.
async fn conclusive<F: Future<Output = Result<bool, gatevault::StoreError>>>(spend: impl Fn() -> F) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match spend().await {
            Ok(is_first) => return is_first,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Uses each token 64 times at once, through all nodes.
async fn assert_spent_once(nodes: &[Node]) {
    for round in 0..10 {
        let mut spending = JoinSet::new();
        for node in nodes.iter().cycle().take(64) {
            let node = node.clone();
            spending.spawn(async move { node.spend(&format!("token {round}")).await.unwrap() });
        }
        let first = spending.join_all().await.into_iter().filter(|is_first| *is_first).count();
        assert_eq!(first, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_with_pools_of_their_own_spend_a_token_once_in_postgres() {
    let database = Database::start().await;
    assert_spent_once(&[database.node(4, LONG).await, database.node(4, LONG).await]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_with_connections_of_their_own_spend_a_token_once_in_redis() {
    let server = RedisServer::start();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        nodes.push(Node::to(Arc::new(RedisSessions::connect(server.url()).await.unwrap())));
    }
    assert_spent_once(&nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_with_pools_of_their_own_spend_a_token_once_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let store = SqliteSessions::open(folder.path().join("sessions.db")).await.unwrap();
        store.migrate().await.unwrap();
        nodes.push(Node::to(Arc::new(store.time_limit(LONG))));
    }
    assert_spent_once(&nodes).await;
}

/// At levels at which a statement fails if another has changed its rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_spent_once_at_each_isolation_level() {
    let database = Database::start().await;
    for level in ["read committed", "repeatable read", "serializable"] {
        raw_sql("DELETE FROM gatevault_spent_tokens").execute(&database.pool).await.unwrap();
        assert_spent_once(&[database.node_with(("default_transaction_isolation", level)).await]).await;
    }
}

/// A second process waits for the first one's commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_another_transaction_spends_is_undecided_until_it_ends() {
    let database = Database::start().await;
    let node = database.node(4, LONG).await;
    for is_committed in [true, false] {
        let id = format!("token {is_committed}");
        let mut transaction = database.pool.begin().await.unwrap();
        let insert = "INSERT INTO gatevault_spent_tokens VALUES ($1, 9000000000)";
        sqlx::query(insert).bind(&id).execute(&mut *transaction).await.unwrap();
        let spending = tokio::spawn({
            let (node, id) = (node.clone(), id.clone());
            async move { node.spend(&id).await.unwrap() }
        });
        assert!(crate::notified::until(|| async { database.waiting().await == 1 }).await);
        if is_committed {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        assert_eq!(spending.await.unwrap(), !is_committed);
    }
}

/// No answer is `true` where nothing can be written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_cannot_write_spends_nothing() {
    let database = Database::start().await;
    let options: PgConnectOptions = database.server.url().parse().unwrap();
    let options = options.options([("default_transaction_read_only", "on")]);
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.unwrap();
    Node::over_pool(&pool, LONG).spend("one").await.unwrap_err();
    raw_sql("DROP TABLE gatevault_spent_tokens").execute(&database.pool).await.unwrap();
    let store = PostgresSessions::new(database.pool.clone()).unwrap();
    Node::to(Arc::new(store.clone())).spend("one").await.unwrap_err();
    store.migrate().await.unwrap();
    assert!(Node::to(Arc::new(store)).spend("one").await.unwrap());

    let server = RedisServer::start();
    let node = Node::to(Arc::new(RedisSessions::connect(server.url()).await.unwrap()));
    for (setting, on, off) in [("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")] {
        configure(&server, setting, on).await;
        node.spend("one").await.unwrap_err();
        configure(&server, setting, off).await;
    }
    assert!(node.spend("one").await.unwrap());
}

async fn configure(server: &RedisServer, setting: &str, value: &str) {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("CONFIG").arg("SET").arg(setting).arg(value).exec_async(&mut connection).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_process_has_locked_spends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let store = SqliteSessions::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let store: Arc<dyn SessionStore> = Arc::new(store.time_limit(Duration::from_millis(500)));
    let node = Node::to(store);
    let options = SqliteConnectOptions::new().filename(&path);
    let other = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let mut lock = other.acquire().await.unwrap();
    raw_sql("BEGIN EXCLUSIVE").execute(&mut *lock).await.unwrap();
    in_time(node.spend("one")).await.unwrap_err();
    raw_sql("ROLLBACK").execute(&mut *lock).await.unwrap();
    conclusive(|| node.spend("one")).await;
    assert!(!conclusive(|| node.spend("one")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_keeps_a_spent_token_by_the_slower_clock() {
    let server = RedisServer::start();
    let node = Node::to(Arc::new(RedisSessions::connect(server.url()).await.unwrap()));
    assert!(node.spend("one").await.unwrap());
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let left: i64 =
        redis::cmd("PTTL").arg("{gatevault}:spent:one").query_async(&mut connection).await.unwrap();
    // An hour until its expiry, a day of leeway, and an hour.
    let expected = 26 * 3_600_000;
    assert!((expected - 60_000..=expected + 60_000).contains(&left), "{left}");
}
