//! Stores that are restored from a copy, which is older than the tokens that users have.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatevault::session::{Revocation, RevocationCursor};
use gatevault::{PostgresSessions, RedisSessions, SessionStore, SqliteSessions, TokenPair, UserId};
use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_store_tests::{Fixture, is_revoked, shared};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::sqlite::SqliteConnectOptions;

/// A service at the time of the copy: a user with two sessions.
struct Copied {
    fixture: Fixture,
    user: UserId,
    first: [TokenPair; 2],
    ids: [String; 2],
}

/// The newest tokens: of the same sessions after two rotations each, and of a session that the copy does not have.
struct Newest {
    rotated: [TokenPair; 2],
    later: TokenPair,
}

impl Copied {
    async fn over(store: &Arc<dyn SessionStore>) -> Self {
        let fixture = Fixture::over(store);
        let user = fixture.add(1);
        let first = [fixture.login(&user).await, fixture.login(&user).await];
        let ids = first.each_ref().map(|pair| fixture.session_of(pair));
        Self { fixture, user, first, ids }
    }

    /// Uses the store after the copy.
    async fn continue_over(&self, store: &Arc<dyn SessionStore>) -> Newest {
        let node = self.fixture.beside(store);
        let mut rotated = self.first.clone();
        for pair in &mut rotated {
            for _ in 0..2 {
                *pair = node.refresh(pair).await.unwrap();
            }
        }
        Newest { rotated, later: node.login(&self.user).await }
    }

    /// Presents the tokens to the restored store.
    async fn assert_ended_in(&self, restored: &Arc<dyn SessionStore>, newest: Newest) {
        let node = self.fixture.beside(restored);
        let sessions = async || node.oauth.async_sessions(self.user.clone()).await.unwrap().len();
        assert_eq!(sessions().await, 2);
        assert!(is_revoked(&node.refresh(&newest.later).await), "a session that the store does not have");
        assert_eq!(sessions().await, 2, "it creates none");

        // The store has never issued the token, so it takes it for an old one.
        let ([first, other], [newest, newest_other]) = (&self.first, newest.rotated);
        assert!(is_revoked(&node.refresh(&newest).await));
        assert_eq!(sessions().await, 1, "the session has ended");
        for pair in [&newest, first] {
            assert!(is_revoked(&node.refresh(pair).await), "no token of the session is accepted");
        }

        // Until then the token that was current at the time of the copy is accepted, although it was used since.
        let again = node.refresh(other).await.unwrap();
        assert!(is_revoked(&node.refresh(&newest_other).await));
        for pair in [&again, &newest_other, other] {
            assert!(is_revoked(&node.refresh(pair).await), "no token of the session is accepted");
        }
        assert_eq!(sessions().await, 0);
        let ended = self.ids.clone().map(Revocation::of_session);
        let listed = restored.revocations_since(RevocationCursor::Position(0)).await.unwrap().revocations;
        assert_eq!(listed, ended, "other nodes learn of it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_token_is_newer_than_the_copy_ends_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("sessions.db"), folder.path().join("copy.db"));
    let store = sqlite(&path).await;
    let copied = Copied::over(&store).await;
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::query("VACUUM INTO ?").bind(copy.to_str()).execute(&mut connection).await.unwrap();
    let newest = copied.continue_over(&store).await;
    copied.assert_ended_in(&sqlite(&copy).await, newest).await;
}

async fn sqlite(path: &Path) -> Arc<dyn SessionStore> {
    let store = SqliteSessions::open(path).await.unwrap();
    store.migrate().await.unwrap();
    shared(store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_token_is_newer_than_the_copy_ends_in_postgres() {
    let server = PostgresServer::start();
    let pool_of = |database: &'static str| {
        let options: PgConnectOptions = server.url().parse().unwrap();
        PgPool::connect_with(options.database(database))
    };
    let postgres = pool_of("postgres").await.unwrap();
    sqlx::query("CREATE DATABASE original").execute(&postgres).await.unwrap();
    let store = async |database| {
        let store = PostgresSessions::new(pool_of(database).await.unwrap()).unwrap();
        store.migrate().await.unwrap();
        shared(store)
    };
    let original = store("original").await;
    let copied = Copied::over(&original).await;
    for statement in COPY_DATABASE {
        sqlx::query(statement).execute(&postgres).await.unwrap();
    }
    let newest = copied.continue_over(&original).await;
    copied.assert_ended_in(&store("copy").await, newest).await;
}

/// A database with connections cannot be copied.
const COPY_DATABASE: [&str; 4] = [
    "ALTER DATABASE original ALLOW_CONNECTIONS false",
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'original'",
    "CREATE DATABASE copy TEMPLATE original",
    "ALTER DATABASE original ALLOW_CONNECTIONS true",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_token_is_newer_than_the_copy_ends_in_redis() {
    let mut server = RedisServer::start();
    let (data, copy) = (append_only_folder(&server), tempfile::tempdir().unwrap());
    let store = shared(RedisSessions::connect(server.url()).await.unwrap());
    let copied = Copied::over(&store).await;
    copy_files(&data, copy.path());
    let newest = copied.continue_over(&store).await;
    server.kill();
    copy_files(copy.path(), &data);
    server.start_again();
    let restored = shared(RedisSessions::connect(server.url()).await.unwrap());
    copied.assert_ended_in(&restored, newest).await;
}

/// Returns the folder of the files to which Redis has written each change that it acknowledged.
fn append_only_folder(server: &RedisServer) -> PathBuf {
    let mut connection = redis::Client::open(server.url()).unwrap().get_connection().unwrap();
    let (_, folder): (String, String) =
        redis::cmd("CONFIG").arg("GET").arg("dir").query(&mut connection).unwrap();
    Path::new(&folder).join("appendonlydir")
}

fn copy_files(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
