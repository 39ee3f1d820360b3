//! The check of a Redis server at the start: each problem is named, with the change that would help.

use gatevault::{ApiKeys, ConfigError, IntoRedisEndpoint, RedisAttempts, RedisEndpoint, RedisSessions};
use gatevault_servers::RedisServer;
use gatevault_store_tests::{Fixture, shared};

async fn send(server: &RedisServer, command: &str) {
    ask::<()>(server, command).await;
}

async fn ask<T: redis::FromRedisValue>(server: &RedisServer, command: &str) -> T {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut words = command.split_whitespace();
    redis::cmd(words.next().unwrap())
        .arg(words.collect::<Vec<_>>())
        .query_async(&mut connection)
        .await
        .unwrap()
}

/// Creates a user with these permissions, and returns the URL for them.
async fn url_of_user(server: &RedisServer, permissions: &str) -> String {
    send(server, &format!("ACL SETUSER limited reset on >secret {permissions}")).await;
    format!("redis://limited:secret@{}/", server.address())
}

/// Asserts that neither store starts, and that the reason contains these parts.
async fn assert_rejected(server: impl IntoRedisEndpoint + Clone, parts: &[&str]) {
    let sessions = RedisSessions::connect(server.clone()).await.map(drop);
    let attempts = RedisAttempts::connect(server).await.map(drop);
    for (outcome, name) in [(sessions, "RedisSessions"), (attempts, "RedisAttempts")] {
        assert_reason(outcome, name, parts);
    }
}

fn assert_reason(outcome: Result<(), ConfigError>, name: &str, parts: &[&str]) {
    let Err(ConfigError::Store { store, reason }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(store, name);
    for part in parts {
        assert!(reason.contains(part), "{part}: {reason}");
    }
}

/// The permissions that the documentation of the stores names.
const PERMISSIONS: &str = "~{gatevault}:* +evalsha +script|load +hset +hmget +hdel +del +pexpire +pttl +time +get \
                           +set +zadd +zrange +zrangebyscore +zrem +zremrangebyscore +zremrangebyrank +zscore +zcard";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_with_the_documented_permissions_can_start_and_log_in() {
    let server = RedisServer::start();
    let url = url_of_user(&server, PERMISSIONS).await;
    drop(RedisAttempts::connect(url.as_str()).await.unwrap());
    let fixture = Fixture::over(&shared(RedisSessions::connect(url).await.unwrap()));
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    let next = fixture.refresh(&pair).await.unwrap();
    fixture.login(&user).await;
    assert_eq!(fixture.oauth.async_sessions(user.clone()).await.unwrap().len(), 2);
    fixture.oauth.async_logout(next.refresh_token.as_str()).await.unwrap();
    assert_eq!(fixture.oauth.async_logout_everywhere(user, ApiKeys::End).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_permission_is_named_at_the_start() {
    let server = RedisServer::start();
    for (removed, parts) in [
        ("-evalsha", ["evalsha", "EVALSHA, SCRIPT LOAD"]),
        ("-script|load", ["script|load", "EVALSHA, SCRIPT LOAD"]),
        ("-time", ["TIME", "allow the user"]),
        ("-pexpire", ["PEXPIRE", "`~{gatevault}:*`"]),
        ("-zadd", ["ZADD", "allow the user"]),
    ] {
        let url = url_of_user(&server, &format!("{PERMISSIONS} {removed}")).await;
        // Scripts that the server has already need no permission to load them.
        for flush in [true, false] {
            if flush {
                send(&server, "SCRIPT FLUSH").await;
            }
            assert_rejected(url.as_str(), &parts).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_store_needs_only_its_own_commands() {
    let server = RedisServer::start();
    let url = url_of_user(&server, &format!("{PERMISSIONS} -hset -hmget -hdel")).await;
    drop(RedisSessions::connect(url.as_str()).await.unwrap());
    assert_reason(RedisAttempts::connect(url).await.map(drop), "RedisAttempts", &["HDEL", "HMGET"]);
    let url = url_of_user(&server, &format!("{PERMISSIONS} -set -get")).await;
    drop(RedisAttempts::connect(url.as_str()).await.unwrap());
    assert_reason(RedisSessions::connect(url).await.map(drop), "RedisSessions", &["GET", "SET", "PTTL"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prefix_that_the_user_may_not_write_is_named_at_the_start() {
    let server = RedisServer::start();
    let url = url_of_user(&server, "~{shop}:* +@all").await;
    assert_rejected(url.as_str(), &["`~{gatevault}:*`", "RedisEndpoint::key_prefix"]).await;
    let endpoint = RedisEndpoint::server(url.as_str()).key_prefix("{shop}");
    drop(RedisAttempts::connect(endpoint.clone()).await.unwrap());
    let sessions = RedisSessions::connect(endpoint).await.unwrap();
    sessions.check().await.unwrap();
    let outcome = sessions.key_prefix("{other}").check().await;
    assert_reason(outcome, "RedisSessions", &["`~{other}:*`"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_not_publish_or_ask_for_information_can_start() {
    let server = RedisServer::start();
    let url = url_of_user(&server, "~* &* +@all -publish -info -ping -config -role").await;
    drop(RedisAttempts::connect(url.as_str()).await.unwrap());
    drop(RedisSessions::connect(url).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_rejected_at_the_start() {
    let (master, replica) = (RedisServer::start(), RedisServer::start());
    send(&replica, &format!("REPLICAOF 127.0.0.1 {}", master.address().port())).await;
    assert_rejected(replica.url(), &["replica", "connect to the master"]).await;
    // A writable replica loses what was written to it.
    send(&replica, "CONFIG SET replica-read-only no").await;
    assert_rejected(replica.url(), &["replica", "connect to the master"]).await;
    // Without the permission for INFO, the first write shows it.
    send(&replica, "CONFIG SET replica-read-only yes").await;
    let url = url_of_user(&replica, "~* +@all -info").await;
    assert_rejected(url, &["READONLY", "connect to the master"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_a_cluster_is_rejected_at_the_start() {
    let cluster = ["--cluster-enabled", "yes"];
    let (node, other) = (RedisServer::start_with(&cluster), RedisServer::start_with(&cluster));
    assert_rejected(node.url(), &["cluster connection", "`new`"]).await;
    let url = url_of_user(&node, "~* +@all -info").await;
    assert_rejected(url.as_str(), &["CLUSTERDOWN", "cluster connection"]).await;
    // Each node has a half of the slots.
    send(&node, "CLUSTER ADDSLOTSRANGE 0 8191").await;
    send(&other, "CLUSTER ADDSLOTSRANGE 8192 16383").await;
    send(&other, "CLUSTER SET-CONFIG-EPOCH 2").await;
    send(&node, &format!("CLUSTER MEET 127.0.0.1 {}", other.address().port())).await;
    while !ask::<String>(&node, "CLUSTER INFO").await.contains("cluster_state:ok") {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut reasons = Vec::new();
    for prefix in ["{a}", "{b}", "{c}", "{d}"] {
        let endpoint = RedisEndpoint::server(url.as_str()).key_prefix(prefix);
        reasons.extend(RedisSessions::connect(endpoint).await.err().map(|error| error.to_string()));
    }
    assert!(!reasons.is_empty());
    for reason in reasons {
        assert!(reason.contains("MOVED") && reason.contains("cluster connection"), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_scripts_is_rejected_at_the_start() {
    let server = RedisServer::start_with(&["--rename-command", "EVALSHA", ""]);
    assert_rejected(server.url(), &["unknown command", "EVALSHA"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_check_leaves_nothing_behind() {
    let server = RedisServer::start();
    drop(RedisAttempts::connect(server.url()).await.unwrap());
    RedisSessions::connect(server.url()).await.unwrap().check().await.unwrap();
    assert_eq!(ask::<u64>(&server, "DBSIZE").await, 0);
    // Not even where a command fails after a write.
    let url = url_of_user(&server, &format!("{PERMISSIONS} -zadd")).await;
    assert_rejected(url, &["ZADD"]).await;
    assert_eq!(ask::<u64>(&server, "DBSIZE").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_of_the_application_can_be_checked() {
    let (master, replica) = (RedisServer::start(), RedisServer::start());
    send(&replica, &format!("REPLICAOF 127.0.0.1 {}", master.address().port())).await;
    for (server, part) in [(&master, None), (&replica, Some("READONLY"))] {
        let client = redis::Client::open(server.url()).unwrap();
        let manager = client.get_connection_manager().await.unwrap();
        let sessions = RedisSessions::new(manager.clone()).unwrap().check().await;
        let attempts = RedisAttempts::new(manager).unwrap().check().await;
        for (outcome, name) in [(sessions, "RedisSessions"), (attempts, "RedisAttempts")] {
            match part {
                None => outcome.unwrap(),
                Some(part) => assert_reason(outcome, name, &[part, "connect to the master"]),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_that_cannot_work_are_named() {
    let none: [&str; 0] = [];
    assert_rejected(RedisEndpoint::sentinel(none, "shop"), &["sentinel"]).await;
    assert_rejected(RedisEndpoint::sentinel(["no url"], "shop"), &["URL"]).await;
    let server = RedisServer::start();
    let endpoint = RedisEndpoint::server(server.url()).master_settings("redis://any/");
    assert_rejected(endpoint, &["RedisEndpoint::sentinel"]).await;
    // A server that is no sentinel, and a sentinel's client that is given to a store.
    assert_rejected(RedisEndpoint::sentinel([server.url()], "shop"), &["unknown command"]).await;
}
