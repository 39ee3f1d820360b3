//! Stores that wait for notifications of PostgreSQL, and what they leave on their connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gatevault::session::RevocationSubscription;
use gatevault::{PostgresSessions, SessionStore};
use gatevault_servers::{FaultProxy, PostgresServer};
use gatevault_store_tests::{Fixture, shared};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Executor as _, Row as _};
use tokio::time::sleep;

/// A subscription that counts its notifications. The first one says that the connection is there.
pub(crate) struct Notified {
    count: Arc<AtomicUsize>,
    _subscription: RevocationSubscription,
}

impl Notified {
    pub(crate) fn by(store: &dyn SessionStore) -> Option<Self> {
        let count = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&count);
        let listener = Arc::new(move || {
            counting.fetch_add(1, Ordering::Relaxed);
        });
        Some(Self { count, _subscription: store.listen(listener)? })
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

/// Waits until the condition is true. Returns false if that takes too long.
pub(crate) async fn until<F: Future<Output = bool>>(mut condition: impl FnMut() -> F) -> bool {
    let start = Instant::now();
    while !condition().await {
        if start.elapsed() > Duration::from_secs(20) {
            return false;
        }
        sleep(Duration::from_millis(10)).await;
    }
    true
}

pub(crate) async fn count_in(connection: &mut PgConnection, count: &'static str) -> i64 {
    sqlx::raw_sql(count).fetch_one(connection).await.unwrap().get(0)
}

const LISTENING: &str = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'";
const PREPARED: &str = "SELECT count(*) FROM pg_prepared_statements";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_notified_through_a_network_and_closes_its_connection() {
    let server = PostgresServer::start();
    let proxy = FaultProxy::to(server.address());
    let store = PostgresSessions::connect(&server.url_at(proxy.address())).await.unwrap();
    store.migrate().await.unwrap();
    let mut watching = server.url().parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    let notified = Notified::by(&store).unwrap();
    assert!(until(|| async { notified.count() == 1 }).await);
    assert_eq!(count_in(&mut watching, LISTENING).await, 1);
    let fixture = Fixture::over(&shared(PostgresSessions::connect(&server.url()).await.unwrap().polling()));
    let pair = fixture.login(&fixture.add(1)).await;
    fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
    assert!(until(|| async { notified.count() == 2 }).await);
    drop(notified);
    let watching = tokio::sync::Mutex::new(watching);
    assert!(until(|| async { count_in(&mut *watching.lock().await, LISTENING).await == 0 }).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_is_notified_by_the_server_that_its_pool_has_changed_to() {
    let server = PostgresServer::start();
    let (before, after) = (FaultProxy::to(server.address()), FaultProxy::to(server.address()));
    let options = |proxy: &FaultProxy| server.url_at(proxy.address()).parse::<PgConnectOptions>().unwrap();
    let pool = PgPoolOptions::new().connect_with(options(&before)).await.unwrap();
    let store = PostgresSessions::new(pool.clone()).unwrap();
    let notified = Notified::by(&store).unwrap();
    assert!(until(|| async { notified.count() == 1 }).await);
    pool.set_connect_options(options(&after));
    before.refuse();
    assert!(until(|| async { notified.count() == 2 }).await);
}

/// A store over a pool of one connection, and that pool.
async fn over_one_connection(server: &PostgresServer, cache: usize) -> (PostgresSessions, PgPool) {
    let options = server.url().parse::<PgConnectOptions>().unwrap().statement_cache_capacity(cache);
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let store = PostgresSessions::new(pool.clone()).unwrap();
    store.migrate().await.unwrap();
    (store, pool)
}

async fn prepared_in(pool: &PgPool) -> i64 {
    count_in(&mut pool.acquire().await.unwrap(), PREPARED).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_stay_prepared_on_a_connection_of_its_own() {
    let server = PostgresServer::start();
    let (store, pool) = over_one_connection(&server, 100).await;
    let fixture = Fixture::over(&shared(store.polling()));
    let user = fixture.add(1);
    let is_prepared = || async {
        fixture.login(&user).await;
        prepared_in(&pool).await > 0
    };
    assert!(until(is_prepared).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_cache_prepared_statements_do_not_pile_up() {
    let server = PostgresServer::start();
    let (store, pool) = over_one_connection(&server, 0).await;
    let fixture = Fixture::over(&shared(store.polling()));
    let user = fixture.add(1);
    let is_prepared = || async {
        fixture.login(&user).await;
        prepared_in(&pool).await > 0
    };
    assert!(until(is_prepared).await, "the first one shows that there is no cache");
    for _ in 0..10 {
        fixture.login(&user).await;
    }
    assert_eq!(prepared_in(&pool).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_forgets_prepared_statements_serves_a_store() {
    let server = PostgresServer::start();
    let pool = PgPoolOptions::new().max_connections(1).after_release(|connection, _| {
        Box::pin(async move { connection.execute("DEALLOCATE ALL").await.map(|_| true) })
    });
    let store = PostgresSessions::new(pool.connect(&server.url()).await.unwrap()).unwrap();
    store.migrate().await.unwrap();
    let fixture = Fixture::over(&shared(store.polling()));
    let user = fixture.add(1);
    for _ in 0..100 {
        let pair = fixture.login(&user).await;
        fixture.refresh(&pair).await.unwrap();
    }
}
