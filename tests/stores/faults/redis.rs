//! What befalls a Redis in particular.

use std::sync::Arc;

use gatevault::{RedisSessions, SessionStore};
use gatevault_servers::RedisServer;
use gatevault_store_tests::{World, is_revoked, is_unavailable, shared};

use crate::behind_proxy::refresh_at_last;

async fn store(server: &RedisServer) -> Arc<dyn SessionStore> {
    Arc::new(RedisSessions::connect(server.url()).await.unwrap())
}

async fn tell(server: &RedisServer, command: &str, words: &[&str]) {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd(command).arg(words).exec_async(&mut connection).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_comes_back_empty_knows_no_session_and_takes_none_for_new() {
    let mut server = RedisServer::start();
    let world = World::over(&store(&server).await);
    let user = world.add(1);
    let pair = world.login(&user).await;
    server.wipe();
    assert!(is_revoked(&refresh_at_last(&world, &pair).await));
    assert!(world.oauth.async_sessions(user.clone()).await.unwrap().is_empty());
    let new = world.login(&user).await;
    assert!(world.refresh(&new).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_full_decides_nothing() {
    let server = RedisServer::start();
    let world = World::over(&store(&server).await);
    let user = world.add(1);
    let pair = world.login(&user).await;
    tell(&server, "CONFIG", &["SET", "maxmemory", "1"]).await;
    assert!(is_unavailable(&world.refresh(&pair).await));
    assert!(is_unavailable(&world.try_login(&user).await));
    tell(&server, "CONFIG", &["SET", "maxmemory", "0"]).await;
    assert!(world.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_only_reads_decides_nothing() {
    let (server, master) = (RedisServer::start(), RedisServer::start());
    let world = World::over(&store(&server).await);
    let pair = world.login(&world.add(1)).await;
    tell(&server, "CONFIG", &["SET", "min-replicas-to-write", "1"]).await;
    assert!(is_unavailable(&world.refresh(&pair).await), "it has too few replicas to write");
    tell(&server, "CONFIG", &["SET", "min-replicas-to-write", "0"]).await;
    let next = world.refresh(&pair).await.unwrap();
    let port = master.address().port().to_string();
    tell(&server, "REPLICAOF", &["127.0.0.1", &port]).await;
    let outcome = world.refresh(&next).await;
    assert!(is_unavailable(&outcome) || is_revoked(&outcome), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_that_redis_has_forgotten_are_sent_again() {
    let server = RedisServer::start();
    let world = World::over(&store(&server).await);
    let pair = world.login(&world.add(1)).await;
    tell(&server, "SCRIPT", &["FLUSH"]).await;
    assert!(world.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_of_other_prefixes_know_nothing_of_each_other() {
    let server = RedisServer::start();
    let prefixed = |prefix: &'static str| {
        let url = server.url();
        async move {
            let store = RedisSessions::connect(url).await.unwrap().key_prefix(prefix);
            shared(store)
        }
    };
    let world = World::over(&prefixed("{one}").await);
    let other = world.beside(&prefixed("{two}").await);
    let user = world.add(1);
    let pair = world.login(&user).await;
    assert!(is_revoked(&other.refresh(&pair).await));
    assert_eq!(other.oauth.async_logout_everywhere(user).await.unwrap(), 0);
    assert!(world.refresh(&pair).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_manager_that_is_there_is_taken() {
    let server = RedisServer::start();
    let client = redis::Client::open(server.url()).unwrap();
    let manager = client.get_connection_manager().await.unwrap();
    let store: Arc<dyn SessionStore> = Arc::new(RedisSessions::new(manager).unwrap());
    let world = World::over(&store);
    let pair = world.login(&world.add(1)).await;
    assert!(world.refresh(&pair).await.is_ok());
}
