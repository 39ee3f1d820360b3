//! What befalls a PostgreSQL in particular.

use std::sync::Arc;
use std::time::Duration;

use gatevault::{PostgresSessions, SessionStore};
use gatevault_servers::PostgresServer;
use gatevault_store_tests::{World, is_unavailable, shared};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::task::JoinSet;

use crate::behind_proxy::in_time;

async fn pool(server: &PostgresServer, connections: u32, option: (&str, &str)) -> PgPool {
    let options: PgConnectOptions = server.url().parse().unwrap();
    let pool = PgPoolOptions::new().max_connections(connections);
    pool.connect_with(options.options([option])).await.unwrap()
}

async fn over(pool: PgPool) -> Arc<dyn SessionStore> {
    let store = PostgresSessions::new(pool).unwrap();
    store.migrate().await.unwrap();
    Arc::new(store.time_limit(Duration::from_secs(1)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_without_a_free_connection_is_unavailable_within_the_limit() {
    let server = PostgresServer::start();
    let pool = pool(&server, 2, ("application_name", "tests")).await;
    let world = World::over(&over(pool.clone()).await);
    let pair = world.login(&world.add(1)).await;
    let busy = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    assert!(is_unavailable(&in_time(world.refresh(&pair)).await));
    drop(busy);
    assert!(world.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_only_reads_decides_nothing() {
    let server = PostgresServer::start();
    let world = World::over(&over(pool(&server, 2, ("application_name", "tests")).await).await);
    let pair = world.login(&world.add(1)).await;
    let reading = PostgresSessions::new(pool(&server, 2, ("default_transaction_read_only", "on")).await);
    let reading = world.beside(&shared(reading.unwrap()));
    assert!(is_unavailable(&reading.refresh(&pair).await));
    assert!(world.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_of_serializable_transactions_are_tried_again() {
    let server = PostgresServer::start();
    let pool = pool(&server, 8, ("default_transaction_isolation", "serializable")).await;
    let world = World::over(&over(pool).await);
    let user = world.add(1);
    let mut pair = world.login(&user).await;
    for _ in 0..30 {
        let mut refreshes = JoinSet::new();
        for _ in 0..4 {
            let (world, pair) = (world.clone(), pair.clone());
            refreshes.spawn(async move { world.refresh(&pair).await });
        }
        let outcomes = refreshes.join_all().await;
        let given: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert!(!given.is_empty(), "{outcomes:?}");
        assert!(given.iter().all(|next| next.refresh_token == given[0].refresh_token));
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() || is_unavailable(outcome)), "{outcomes:?}");
        pair = given[0].clone();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_nodes_may_migrate_at_once_and_again() {
    let server = PostgresServer::start();
    let mut nodes = JoinSet::new();
    for _ in 0..8 {
        let pool = pool(&server, 1, ("application_name", "tests")).await;
        nodes.spawn(async move { PostgresSessions::new(pool).unwrap().migrate().await });
    }
    for outcome in nodes.join_all().await {
        outcome.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_table_a_store_decides_nothing() {
    let server = PostgresServer::start();
    let store = PostgresSessions::connect(&server.url()).await.unwrap();
    let world = World::over(&shared(store));
    assert!(is_unavailable(&world.try_login(&world.add(1)).await));
}
