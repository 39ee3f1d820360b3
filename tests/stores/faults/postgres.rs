//! Faults of PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use gatevault::{ApiKeys, Clock as _, PostgresSessions, SessionStore};
use gatevault_servers::PostgresServer;
use gatevault_store_tests::{Fixture, is_unavailable, shared};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::raw_sql;
use tokio::task::JoinSet;

use crate::behind_proxy::in_time;
use crate::ends_node::{Database, LONG};
use crate::notified::until;

async fn pool(server: &PostgresServer, connections: u32, option: (&str, &str)) -> PgPool {
    let options: PgConnectOptions = server.url().parse().unwrap();
    let pool = PgPoolOptions::new().max_connections(connections);
    pool.connect_with(options.options([option])).await.unwrap()
}

async fn over(pool: PgPool) -> Arc<dyn SessionStore> {
    over_within(pool, Duration::from_secs(1)).await
}

async fn over_within(pool: PgPool, limit: Duration) -> Arc<dyn SessionStore> {
    let store = PostgresSessions::new(pool).unwrap();
    store.migrate().await.unwrap();
    Arc::new(store.time_limit(limit))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_without_a_free_connection_is_unavailable_within_the_limit() {
    let server = PostgresServer::start();
    let pool = pool(&server, 2, ("application_name", "tests")).await;
    let fixture = Fixture::over(&over(pool.clone()).await);
    let pair = fixture.login(&fixture.add(1)).await;
    let busy = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    assert!(is_unavailable(&in_time(fixture.refresh(&pair)).await));
    drop(busy);
    assert!(fixture.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_database_decides_nothing() {
    let server = PostgresServer::start();
    let fixture = Fixture::over(&over(pool(&server, 2, ("application_name", "tests")).await).await);
    let pair = fixture.login(&fixture.add(1)).await;
    let reading = PostgresSessions::new(pool(&server, 2, ("default_transaction_read_only", "on")).await);
    let reading = fixture.beside(&shared(reading.unwrap()));
    assert!(is_unavailable(&reading.refresh(&pair).await));
    assert!(fixture.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_of_serializable_transactions_are_retried() {
    let database = Database::start().await;
    let pool = pool(&database.server, 8, ("default_transaction_isolation", "serializable")).await;
    let fixture = Fixture::over(&over_within(pool, LONG).await);
    let user = fixture.add(1);
    let mut pair = fixture.login(&user).await;
    for _ in 0..10 {
        let mut other = database.pool.begin().await.unwrap();
        raw_sql("UPDATE gatevault_sessions SET label = 'changed'").execute(&mut *other).await.unwrap();
        let mut refreshes = JoinSet::new();
        for _ in 0..4 {
            let (fixture, pair) = (fixture.clone(), pair.clone());
            refreshes.spawn(async move { fixture.refresh(&pair).await });
        }
        assert!(until(|| async { database.waiting().await == 4 }).await);
        other.commit().await.unwrap();
        let outcomes = refreshes.join_all().await;
        let mut pairs: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
        assert!(pairs.iter().all(|next| next.refresh_token == pairs[0].refresh_token));
        pair = pairs.remove(0);
    }
}

/// At levels at which a statement fails if another has changed its rows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logins_above_the_limit_and_revocations_are_retried_at_each_isolation_level() {
    let server = PostgresServer::start();
    for level in ["repeatable read", "serializable"] {
        let pool = pool(&server, 8, ("default_transaction_isolation", level)).await;
        let store = over_within(pool, LONG).await;
        let fixture = Fixture::with_settings(&store, |oauth| oauth.session_limit(2));
        let user = fixture.add(level);
        for _ in 0..6 {
            let mut working = JoinSet::new();
            for number in 0..6 {
                let (fixture, user) = (fixture.clone(), user.clone());
                working.spawn(async move {
                    match number {
                        0 => fixture.oauth.async_revoke_token(None, "jti", fixture.clock.now()).await,
                        1 => fixture.oauth.async_logout_everywhere(user, ApiKeys::End).await.map(drop),
                        _ => fixture.try_login(&user).await.map(drop),
                    }
                });
            }
            for outcome in working.join_all().await {
                assert!(outcome.is_ok(), "{level}: {outcome:?}");
            }
            let pair = fixture.login(&user).await;
            let sessions = fixture.oauth.async_sessions(user.clone()).await.unwrap().len();
            assert!((1..=2).contains(&sessions), "{level}: {sessions}");
            assert!(fixture.refresh(&pair).await.is_ok(), "{level}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_nodes_may_migrate_concurrently_and_repeatedly() {
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
    let fixture = Fixture::over(&shared(store));
    assert!(is_unavailable(&fixture.try_login(&fixture.add(1)).await));
}
