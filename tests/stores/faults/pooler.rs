//! PostgreSQL behind PgBouncer, which gives a connection of its own to nothing but a statement, a transaction or a session.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use gatevault::{PostgresSessions, RevocationFeed, SessionStore as _};
use gatevault_servers::{PoolerServer, PostgresServer};
use gatevault_store_tests::{Fixture, shared};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::sleep;

use crate::notified::{Notified, count_in, until};

use crate::stale_feed::{becomes, guarding_node};

/// A server with the tables of a store, and a pooler in front of it.
struct Pooled {
    server: PostgresServer,
    pooler: PoolerServer,
}

impl Pooled {
    async fn start(mode: &'static str) -> Self {
        Self::start_with(mode, "").await
    }

    async fn start_with(mode: &'static str, setting: &'static str) -> Self {
        let server = PostgresServer::start();
        PostgresSessions::connect(&server.url()).await.unwrap().migrate().await.unwrap();
        let pooler = PoolerServer::start_with(&server, mode, &[], setting);
        Self { server, pooler }
    }

    fn url(&self) -> String {
        self.server.url_at(self.pooler.address())
    }

    /// Connects to the pooler, which rejects the parameter `extra_float_digits`.
    fn options(&self) -> PgConnectOptions {
        self.url().parse::<PgConnectOptions>().unwrap().extra_float_digits(None)
    }

    async fn store(&self) -> PostgresSessions {
        PostgresSessions::connect(&self.url()).await.unwrap()
    }

    /// Counts what this statement finds on all connections of the pooler together.
    async fn count_left_behind(&self, count: &'static str) -> i64 {
        let mut connections =
            [self.options().connect().await.unwrap(), self.options().connect().await.unwrap()];
        let [first, second] = &mut connections;
        // In two transactions at once, since two are all that the pooler has.
        let (mut first, mut second) = (first.begin().await.unwrap(), second.begin().await.unwrap());
        let first = count_in(&mut first, count).await;
        first.saturating_add(count_in(&mut second, count).await)
    }
}

const CHANNELS: &str = "SELECT count(*) FROM pg_listening_channels()";
const PREPARED: &str = "SELECT count(*) FROM pg_prepared_statements";

/// Two processes log users in and out, while a program that knows nothing of sessions uses the same connections.
async fn no_process_sees_a_failure(mode: &'static str, cache: &str, bystander: &[&'static str]) {
    no_process_behind_sees_a_failure(&Pooled::start(mode).await, mode, cache, bystander).await;
}

async fn no_process_behind_sees_a_failure(
    pooled: &Pooled,
    mode: &'static str,
    cache: &str,
    bystander: &[&'static str],
) {
    let url = format!("{}?statement-cache-capacity={cache}", pooled.url());
    let processes: Vec<_> = (0..2)
        .map(|_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_logins"));
            command.args([url.as_str(), "30"]).stdout(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut connection = pooled.options().connect().await.unwrap();
    let mut failures = Vec::new();
    for _ in 0..400 {
        for statement in bystander {
            failures.extend(sqlx::raw_sql(*statement).execute(&mut connection).await.err());
        }
        sleep(Duration::from_millis(2)).await;
    }
    let outputs = processes.into_iter().map(|process| process.wait_with_output().unwrap());
    let outputs: Vec<_> = outputs.map(|Output { stdout, .. }| String::from_utf8(stdout).unwrap()).collect();
    assert_eq!((outputs, failures.len()), (vec!["120 0\n[]\n".to_owned(); 2], 0), "{mode} {cache}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_behind_a_pooler_of_transactions_see_no_failure() {
    no_process_sees_a_failure("transaction", "100", TRANSACTION).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_behind_a_pooler_of_transactions_see_no_failure_without_a_cache() {
    no_process_sees_a_failure("transaction", "0", TRANSACTION).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_behind_a_pooler_of_statements_see_no_failure() {
    no_process_sees_a_failure("statement", "100", STATEMENT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_behind_a_pooler_of_statements_see_no_failure_without_a_cache() {
    no_process_sees_a_failure("statement", "0", STATEMENT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_behind_a_pooler_of_sessions_see_no_failure() {
    no_process_sees_a_failure("session", "100", TRANSACTION).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_behind_a_pooler_of_sessions_see_no_failure_without_a_cache() {
    no_process_sees_a_failure("session", "0", TRANSACTION).await;
}

const STATEMENT: &[&str] = &["SELECT 1"];
const TRANSACTION: &[&str] = &["BEGIN", "SELECT 1", "COMMIT"];

/// Common in front of clients that send parameters which PgBouncer does not know.
const IGNORING: &str = "ignore_startup_parameters = options,extra_float_digits,gin_fuzzy_search_limit";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_behind_a_pooler_that_ignores_parameters_see_no_failure() {
    let pooled = Pooled::start_with("transaction", IGNORING).await;
    no_process_behind_sees_a_failure(&pooled, "transaction", "100", TRANSACTION).await;
    let store = shared(pooled.store().await);
    let _notified = Notified::by(&*store).unwrap();
    for _ in 0..20 {
        sleep(Duration::from_millis(20)).await;
        assert_eq!(pooled.count_left_behind(CHANNELS).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_leaves_nothing_on_the_connections_of_a_pooler() {
    let pooled = Pooled::start("transaction").await;
    let store = shared(pooled.store().await);
    let notified = Notified::by(&*store).unwrap();
    let fixture = Fixture::over(&store);
    let user = fixture.add(1);
    for _ in 0..20 {
        let pair = fixture.login(&user).await;
        fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
        assert_eq!(pooled.count_left_behind(CHANNELS).await, 0);
        assert_eq!(pooled.count_left_behind(PREPARED).await, 0);
        sleep(Duration::from_millis(20)).await;
    }
    drop((notified, fixture, store));
    assert_eq!(pooled.count_left_behind(CHANNELS).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_arrives_behind_each_pooler() {
    for mode in ["transaction", "statement", "session"] {
        let pooled = Pooled::start(mode).await;
        let fixture = Fixture::over(&shared(pooled.store().await));
        let pair = fixture.login(&fixture.add(1)).await;
        let node = guarding_node();
        let feed = RevocationFeed::of(shared(pooled.store().await));
        let _feed = feed.poll_interval(Duration::from_millis(200)).follow(&node).unwrap();
        assert!(becomes(&node, &pair, 200).await, "{mode}");
        fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
        assert!(becomes(&node, &pair, 401).await, "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_behind_a_pooler_is_notified_by_the_server_that_it_is_given() {
    let pooled = Pooled::start("transaction").await;
    let store = shared(pooled.store().await.listen_at(&pooled.server.url()).unwrap());
    let notified = Notified::by(&*store).unwrap();
    assert!(until(|| async { notified.count() == 1 }).await, "the connection is there");
    // Another process, which logs out through the pooler.
    let fixture = Fixture::over(&shared(pooled.store().await));
    let pair = fixture.login(&fixture.add(1)).await;
    fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
    assert!(until(|| async { notified.count() == 2 }).await, "the notification has arrived");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_of_sessions_notifies_a_store_that_is_given_it() {
    let pooled = Pooled::start("session").await;
    let store = shared(pooled.store().await.listen_at(&pooled.url()).unwrap());
    let notified = Notified::by(&*store).unwrap();
    assert!(until(|| async { notified.count() == 1 }).await);
    let fixture = Fixture::over(&shared(pooled.store().await));
    let pair = fixture.login(&fixture.add(1)).await;
    fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
    assert!(until(|| async { notified.count() == 2 }).await);
    drop(notified);
    let pooled = &pooled;
    assert!(until(|| async { pooled.count_left_behind(CHANNELS).await == 0 }).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_polling_store_waits_for_no_notification() {
    let pooled = Pooled::start("transaction").await;
    assert!(pooled.store().await.polling().listen(std::sync::Arc::new(|| {})).is_none());
}
