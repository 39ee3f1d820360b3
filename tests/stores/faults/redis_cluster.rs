//! Stores over the application's connection to a cluster of Redis.

use std::time::{Duration, Instant};

use gatevault::{ApiKeys, LoginThrottle, RedisAttempts, RedisSessions};
use gatevault_servers::RedisServer;
use gatevault_store_tests::{Fixture, shared};
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use tokio::time::sleep;

/// Starts a cluster of three masters, each with a third of the slots.
async fn cluster() -> (Vec<RedisServer>, ClusterConnection) {
    let settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    let servers: Vec<_> = (0..3).map(|_| RedisServer::start_with(&settings)).collect();
    for (number, slots) in ["0 5460", "5461 10922", "10923 16383"].into_iter().enumerate() {
        ask(&servers[number], &format!("CLUSTER ADDSLOTSRANGE {slots}")).await;
        ask(&servers[number], &format!("CLUSTER SET-CONFIG-EPOCH {}", number + 1)).await;
    }
    for other in &servers[1..] {
        ask(&servers[0], &format!("CLUSTER MEET 127.0.0.1 {}", other.address().port())).await;
    }
    let start = Instant::now();
    for server in &servers {
        while !ask(server, "CLUSTER INFO").await.contains("cluster_state:ok") {
            assert!(start.elapsed() < Duration::from_mins(1), "the nodes do not agree");
            sleep(Duration::from_millis(50)).await;
        }
    }
    let urls: Vec<_> = servers.iter().map(RedisServer::url).collect();
    let connection = ClusterClient::new(urls).unwrap().get_async_connection().await.unwrap();
    (servers, connection)
}

async fn ask(server: &RedisServer, command: &str) -> String {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut words = command.split_whitespace();
    let name = words.next().unwrap();
    redis::cmd(name).arg(words.collect::<Vec<_>>()).query_async(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stores_work_on_each_node_of_a_cluster() {
    let (_servers, connection) = cluster().await;
    // The slots of these prefixes are on three nodes.
    for prefix in ["{a}", "{b}", "{c}"] {
        let sessions = RedisSessions::new(connection.clone()).unwrap().key_prefix(prefix);
        let attempts = RedisAttempts::new(connection.clone()).unwrap().key_prefix(prefix);
        sessions.check().await.unwrap();
        attempts.check().await.unwrap();
        let throttle = |oauth: gatevault::OAuthHandler<_>| oauth.throttle(LoginThrottle::new(attempts));
        let fixture = Fixture::with_settings(&shared(sessions), throttle);
        let user = fixture.add(1);
        let pair = fixture.login(&user).await;
        let next = fixture.refresh(&pair).await.unwrap();
        fixture.login(&user).await;
        fixture.login(&user).await;
        assert_eq!(fixture.oauth.async_sessions(user.clone()).await.unwrap().len(), 3);
        fixture.oauth.async_logout(next.refresh_token.as_str()).await.unwrap();
        assert_eq!(fixture.oauth.async_logout_everywhere(user, ApiKeys::End).await.unwrap(), 2);
    }
}
