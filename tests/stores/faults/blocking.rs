//! Programs without a runtime: a plain thread that blocks.

use std::sync::Arc;

use gatevault::login::SyncLookup;
use gatevault::{
    GuardError, OAuthHandler, Payload, PostgresSessions, RedisSessions, SessionStore, SqliteSessions,
    TokenManager,
};
use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_tests::{Account, SECRET, quick_hasher};

fn handler(store: Arc<dyn SessionStore>) -> (OAuthHandler<SyncLookup<Account>>, TokenManager) {
    let tokens = TokenManager::new(SECRET).unwrap();
    let ada = Account::new(1, "correct horse");
    let again = ada.clone();
    let oauth = OAuthHandler::new(tokens.clone(), move |_: &str| Some(ada.clone()))
        .lookup_by_id(move |_| Some(again.clone()))
        .hasher(quick_hasher())
        .session_store(store);
    (oauth, tokens)
}

fn assert_works_on_a_plain_thread(store: Arc<dyn SessionStore>) {
    let (oauth, tokens) = handler(store);
    let pair = oauth.login("ada", "correct horse").unwrap();
    let next = oauth.refresh(&pair.refresh_token).unwrap();
    assert_eq!(oauth.refresh(&pair.refresh_token).unwrap().refresh_token, next.refresh_token);
    assert_eq!(oauth.sessions(1).unwrap().len(), 1);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| oauth.refresh(&next.refresh_token).unwrap());
        }
    });
    oauth.logout(&next.refresh_token).unwrap();
    assert!(tokens.decode_access_token::<Payload>(&next.access_token).is_err());
    assert!(matches!(oauth.refresh(&next.refresh_token), Err(GuardError::Token(_))));
}

#[test]
fn a_plain_thread_stores_sessions_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteSessions::blocking(folder.path().join("sessions.db")).unwrap();
    store.migrate_blocking().unwrap();
    assert_works_on_a_plain_thread(Arc::new(store));
}

#[test]
fn a_plain_thread_stores_sessions_in_postgres() {
    let server = PostgresServer::start();
    let store = PostgresSessions::blocking(&server.url()).unwrap();
    store.migrate_blocking().unwrap();
    assert_works_on_a_plain_thread(Arc::new(store));
}

#[test]
fn a_plain_thread_stores_sessions_in_redis() {
    let server = RedisServer::start();
    assert_works_on_a_plain_thread(Arc::new(RedisSessions::blocking(server.url()).unwrap()));
}

#[test]
fn a_store_created_in_a_runtime_works_on_a_plain_thread_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = RedisServer::start();
    let store = runtime.block_on(RedisSessions::connect(server.url())).unwrap();
    assert_works_on_a_plain_thread(Arc::new(store));
}
