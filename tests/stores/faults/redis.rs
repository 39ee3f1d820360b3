//! Faults of Redis.

use std::sync::Arc;
use std::time::Duration;

use gatevault::session::{RemoveExpired, Revocation, RevocationCursor};
use gatevault::{ApiKeys, RedisAttempts, RedisSessions, SessionStore};
use gatevault_servers::RedisServer;
use gatevault_store_tests::{Fixture, is_revoked, is_unavailable, shared};
use gatevault_tests::Recorder;

use crate::behind_proxy::refresh_with_retries;

async fn store(server: &RedisServer) -> Arc<dyn SessionStore> {
    Arc::new(RedisSessions::connect(server.url()).await.unwrap())
}

async fn send(server: &RedisServer, command: &str, arguments: &[&str]) {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd(command).arg(arguments).exec_async(&mut connection).await.unwrap();
}

async fn revocations(store: &Arc<dyn SessionStore>) -> Vec<Revocation> {
    store.revocations_since(RevocationCursor::Position(0)).await.unwrap().revocations
}

/// Removes old revocations. Redis removes expired sessions by itself.
async fn clean(store: &Arc<dyn SessionStore>, fixture: &Fixture, keep_revoked: Duration) {
    let request = RemoveExpired::new(fixture.now(), keep_revoked);
    while store.remove_expired(request).await.unwrap() > 0 {}
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
    assert_eq!(other.oauth.async_logout_everywhere(user, ApiKeys::End).await.unwrap(), 0);
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
    send(&server, "DEL", &[&format!("{{gatevault}}:s:{session}")]).await;
    clean(&store, &fixture, Duration::from_hours(1)).await;
    assert_eq!(revocations(&store).await, [Revocation::of_session(session)]);
    clean(&store, &fixture, Duration::ZERO).await;
    assert!(revocations(&store).await.is_empty());
}

/// Redis removes what has expired in batches. An entry that is still needed must not end that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_revocations_are_removed_in_batches_that_nothing_ends_early() {
    let server = RedisServer::start();
    let store = store(&server).await;
    let fixture = Fixture::over(&store);
    let user = fixture.add(1);
    // The oldest revocation is that of a session whose tokens would live longest.
    let session = fixture.session_of(&fixture.login(&user).await);
    assert!(fixture.oauth.async_revoke(user, &session).await.unwrap());
    let second_ago = (fixture.now().seconds() - 1) * 1_000_000;
    send(&server, "ZADD", &["{gatevault}:ended", &(second_ago - 1).to_string(), &session]).await;
    for batch in 0..3_u64 {
        let entries = (0..1000).map(|number| batch * 1000 + number);
        let words = entries.flat_map(|number| [(second_ago + number).to_string(), format!("gone-{number}")]);
        let mut words: Vec<_> = words.collect();
        words.insert(0, "{gatevault}:ended".to_owned());
        send(&server, "ZADD", &words.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    clean(&store, &fixture, Duration::from_hours(1)).await;
    assert_eq!(revocations(&store).await.len(), 3001);
    clean(&store, &fixture, Duration::ZERO).await;
    assert!(revocations(&store).await.is_empty());
}

#[tokio::test]
async fn a_server_that_may_evict_sessions_is_named_once_at_the_start() {
    let server = RedisServer::start();
    let starts = || async {
        let recorder = Recorder::default();
        let _guard = tracing::subscriber::set_default(recorder.clone());
        let sessions = RedisSessions::connect(server.url()).await.unwrap();
        let attempts = RedisAttempts::connect(server.url()).await.unwrap();
        drop((sessions, attempts));
        let lines = recorder.lines().into_iter().filter(|(_, line)| line.contains("Redis may evict keys"));
        lines.map(|(level, line)| format!("{level} {line}")).collect::<Vec<_>>()
    };
    send(&server, "CONFIG", &["SET", "maxmemory-policy", "allkeys-lru"]).await;
    assert!(starts().await.is_empty(), "no limit of memory");
    send(&server, "CONFIG", &["SET", "maxmemory", "100mb"]).await;
    for policy in ["allkeys-lru", "volatile-ttl", "volatile-lru", "allkeys-random"] {
        send(&server, "CONFIG", &["SET", "maxmemory-policy", policy]).await;
        let warnings = starts().await;
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(
            warnings[0].starts_with("WARN")
                && warnings[0].contains("RedisSessions")
                && warnings[0].contains(policy),
            "{warnings:?}"
        );
        assert!(warnings[1].contains("RedisAttempts") && warnings[1].contains(policy), "{warnings:?}");
    }
    send(&server, "CONFIG", &["SET", "maxmemory-policy", "noeviction"]).await;
    assert!(starts().await.is_empty());
}
