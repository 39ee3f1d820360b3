//! Faults of Redis.

use std::sync::Arc;
use std::time::Duration;

use gatevault::session::RevocationCursor;
use gatevault::{RedisSessions, SessionStore};
use gatevault_servers::RedisServer;
use gatevault_store_tests::{Fixture, is_revoked, is_unavailable, shared};

use crate::behind_proxy::refresh_with_retries;

async fn store(server: &RedisServer) -> Arc<dyn SessionStore> {
    Arc::new(RedisSessions::connect(server.url()).await.unwrap())
}

async fn send(server: &RedisServer, command: &str, arguments: &[&str]) {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd(command).arg(arguments).exec_async(&mut connection).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_comes_back_empty_knows_no_session_and_creates_none() {
    let mut server = RedisServer::start();
    let fixture = Fixture::over(&store(&server).await);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    server.wipe();
    assert!(is_revoked(&refresh_with_retries(&fixture, &pair).await));
    assert!(fixture.oauth.async_sessions(user.clone()).await.unwrap().is_empty());
    let new = fixture.login(&user).await;
    assert!(fixture.refresh(&new).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_full_decides_nothing() {
    let server = RedisServer::start();
    let fixture = Fixture::over(&store(&server).await);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    send(&server, "CONFIG", &["SET", "maxmemory", "1"]).await;
    assert!(is_unavailable(&fixture.refresh(&pair).await));
    assert!(is_unavailable(&fixture.try_login(&user).await));
    send(&server, "CONFIG", &["SET", "maxmemory", "0"]).await;
    assert!(fixture.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_redis_decides_nothing() {
    let (server, master) = (RedisServer::start(), RedisServer::start());
    let fixture = Fixture::over(&store(&server).await);
    let pair = fixture.login(&fixture.add(1)).await;
    send(&server, "CONFIG", &["SET", "min-replicas-to-write", "1"]).await;
    assert!(is_unavailable(&fixture.refresh(&pair).await), "too few replicas for a write");
    send(&server, "CONFIG", &["SET", "min-replicas-to-write", "0"]).await;
    let next = fixture.refresh(&pair).await.unwrap();
    let port = master.address().port().to_string();
    send(&server, "REPLICAOF", &["127.0.0.1", &port]).await;
    let outcome = fixture.refresh(&next).await;
    assert!(is_unavailable(&outcome) || is_revoked(&outcome), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_that_redis_no_longer_has_are_loaded_again() {
    let server = RedisServer::start();
    let fixture = Fixture::over(&store(&server).await);
    let pair = fixture.login(&fixture.add(1)).await;
    send(&server, "SCRIPT", &["FLUSH"]).await;
    assert!(fixture.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_with_different_prefixes_are_independent() {
    let server = RedisServer::start();
    let prefixed = |prefix: &'static str| {
        let url = server.url();
        async move {
            let store = RedisSessions::connect(url).await.unwrap().key_prefix(prefix);
            shared(store)
        }
    };
    let fixture = Fixture::over(&prefixed("{one}").await);
    let other = fixture.beside(&prefixed("{two}").await);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    assert!(is_revoked(&other.refresh(&pair).await));
    assert_eq!(other.oauth.async_logout_everywhere(user).await.unwrap(), 0);
    assert!(fixture.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_application_can_pass_a_connection_manager() {
    let server = RedisServer::start();
    let client = redis::Client::open(server.url()).unwrap();
    let manager = client.get_connection_manager().await.unwrap();
    let store: Arc<dyn SessionStore> = Arc::new(RedisSessions::new(manager).unwrap());
    let fixture = Fixture::over(&store);
    let pair = fixture.login(&fixture.add(1)).await;
    assert!(fixture.refresh(&pair).await.is_ok());
}

/// Redis expires the session itself, or its operator removes it. The list of revocations does not depend on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_is_listed_after_its_session_is_gone_from_redis() {
    let server = RedisServer::start();
    let store = store(&server).await;
    let fixture = Fixture::over(&store);
    let user = fixture.add(1);
    let session = fixture.session_of(&fixture.login(&user).await);
    assert!(fixture.oauth.async_revoke(user, &session).await.unwrap());
    send(&server, "DEL", &[&format!("{{gatevault}}:session:{session}")]).await;
    let everything = RevocationCursor::Position(0);
    assert_eq!(store.remove_expired(fixture.now(), Duration::from_hours(1)).await.unwrap(), 0);
    assert_eq!(store.revocations_since(everything).await.unwrap().sessions, [session]);
    assert_eq!(store.remove_expired(fixture.now(), Duration::ZERO).await.unwrap(), 1);
    assert!(store.revocations_since(everything).await.unwrap().sessions.is_empty());
}
