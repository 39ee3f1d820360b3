//! Roles of PostgreSQL that may do less than the owner of the tables.

use gatevault::{PostgresSessions, SessionStore};
use gatevault_servers::{PoolerServer, PostgresServer};
use gatevault_store_tests::{Fixture, shared};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, raw_sql};

/// A server with a role that may not create tables.
struct Limited(PostgresServer);

impl Limited {
    async fn start() -> Self {
        let limited = Self(PostgresServer::start());
        limited.run("CREATE ROLE app LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC").await;
        limited
    }

    /// Starts a server with the tables of its superuser, which the role may use.
    async fn start_migrated() -> Self {
        let limited = Self::start().await;
        PostgresSessions::connect(&limited.0.url()).await.unwrap().migrate().await.unwrap();
        limited.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app").await;
        limited
    }

    /// Runs statements of the superuser.
    async fn run(&self, statements: &'static str) {
        let mut connection = self.0.url().parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
        raw_sql(statements).execute(&mut connection).await.unwrap();
    }

    fn url(&self) -> String {
        as_app(&self.0.url())
    }

    async fn store(&self, settings: &[(&str, &str)]) -> PostgresSessions {
        let options: PgConnectOptions = self.url().parse().unwrap();
        let pool = PgPoolOptions::new().connect_with(options.options(settings.iter().copied())).await;
        PostgresSessions::new(pool.unwrap()).unwrap()
    }
}

fn as_app(url: &str) -> String {
    url.replace("postgres://postgres@", "postgres://app@")
}

async fn assert_works(store: impl SessionStore) {
    let fixture = Fixture::over(&shared(store));
    let pair = fixture.login(&fixture.add(1)).await;
    let next = fixture.refresh(&pair).await.unwrap();
    fixture.oauth.async_logout(next.refresh_token.as_str()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_create_migrates_what_is_already_there() {
    let limited = Limited::start_migrated().await;
    let store = PostgresSessions::connect(&limited.url()).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert_works(store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_create_migrates_what_is_already_there_behind_each_pooler() {
    let limited = Limited::start_migrated().await;
    for mode in ["transaction", "statement", "session"] {
        let pooler = PoolerServer::start(&limited.0, mode, &["app"]);
        let store = PostgresSessions::connect(&as_app(&limited.0.url_at(pooler.address()))).await.unwrap();
        store.migrate().await.unwrap();
        assert_works(store).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_are_created_behind_each_pooler() {
    for mode in ["transaction", "statement", "session"] {
        let server = PostgresServer::start();
        let pooler = PoolerServer::start(&server, mode, &[]);
        let store = PostgresSessions::connect(&server.url_at(pooler.address())).await.unwrap();
        store.migrate().await.unwrap();
        assert_works(store).await;
    }
}

#[test]
fn a_blocking_program_that_may_not_create_migrates_what_is_already_there() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let limited = runtime.block_on(Limited::start_migrated());
    PostgresSessions::blocking(&limited.url()).unwrap().migrate_blocking().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_only_reads_migrates_what_is_already_there() {
    let limited = Limited::start_migrated().await;
    limited.store(&[("default_transaction_read_only", "on")]).await.migrate().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_create_learns_what_is_missing() {
    let limited = Limited::start().await;
    let error = limited.store(&[]).await.migrate().await.unwrap_err().to_string();
    for part in ["\"app\"", "gatevault_sessions.", "gatevault_session_ends.", "CREATE", "migrations/postgres"]
    {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_create_learns_that_tables_are_of_an_older_version() {
    let limited = Limited::start_migrated().await;
    limited.run("ALTER TABLE gatevault_session_ends RENAME COLUMN last_position TO position").await;
    let error = limited.store(&[]).await.migrate().await.unwrap_err().to_string();
    assert!(error.contains("gatevault_session_ends.last_position"), "{error}");
    assert!(!error.contains("gatevault_sessions."), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_not_create_uses_the_tables_of_a_later_schema() {
    let limited = Limited::start_migrated().await;
    limited.run("CREATE SCHEMA first; GRANT USAGE ON SCHEMA first TO app").await;
    for path in ["first,public", "nowhere,public"] {
        let store = limited.store(&[("search_path", path)]).await;
        store.migrate().await.unwrap();
        assert_works(store).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_with_a_schema_of_its_own_gets_tables_of_its_own() {
    let limited = Limited::start_migrated().await;
    limited.run("CREATE SCHEMA tenant; GRANT USAGE, CREATE ON SCHEMA tenant TO app").await;
    let store = limited.store(&[("search_path", "tenant,public")]).await;
    store.migrate().await.unwrap();
    assert_works(store).await;
    limited.run("INSERT INTO gatevault_session_ends VALUES (1, 0)").await; // of the other tenant, which is empty
}

/// An owner of tables from before a column was added.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_of_an_older_layout_are_an_error_that_names_the_column() {
    let limited = Limited::start_migrated().await;
    let owner = PostgresSessions::connect(&limited.0.url()).await.unwrap();
    limited.run("ALTER TABLE gatevault_sessions DROP COLUMN grace").await;
    let error = owner.migrate().await.unwrap_err().to_string();
    assert!(error.contains("older layout, without gatevault_sessions.grace"), "{error}");
    limited.run("ALTER TABLE gatevault_sessions ADD COLUMN grace BIGINT").await;
    owner.migrate().await.unwrap();
}
