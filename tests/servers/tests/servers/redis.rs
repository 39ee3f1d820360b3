//! The Redis server.

use gatevault_servers::RedisServer;

use crate::client::Redis;

#[test]
fn a_redis_server_answers_at_its_url() {
    let server = RedisServer::start();
    assert_eq!(server.url(), format!("redis://{}/", server.address()));
    assert!(server.address().ip().is_loopback());
    assert_eq!(Redis::connect(server.address()).ask("PING").unwrap(), "+PONG");
}

#[test]
fn acknowledged_writes_of_redis_survive_a_kill() {
    let mut server = RedisServer::start();
    let address = server.address();
    let mut client = Redis::connect(address);
    for round in 0..3 {
        assert_eq!(client.ask(&format!("SET round {round}")).unwrap(), "+OK");
        server.kill();
        client.ask("PING").unwrap_err();
        server.start_again();
        assert_eq!(server.address(), address);
        client = Redis::connect(address);
        assert_eq!(client.ask("GET round").unwrap(), round.to_string());
    }
}

#[test]
fn a_redis_that_was_stopped_keeps_its_data() {
    let mut server = RedisServer::start();
    Redis::connect(server.address()).ask("SET a b").unwrap();
    server.stop();
    server.start_again();
    assert_eq!(Redis::connect(server.address()).ask("GET a").unwrap(), "b");
}

#[test]
fn a_redis_that_was_wiped_is_empty_and_works() {
    let mut server = RedisServer::start();
    let mut client = Redis::connect(server.address());
    client.ask("SET a b").unwrap();
    server.wipe();
    client.ask("PING").unwrap_err();
    let mut client = Redis::connect(server.address());
    assert_eq!(client.ask("GET a").unwrap(), "$-1");
    assert_eq!(client.ask("SET a c").unwrap(), "+OK");
}

#[test]
fn a_redis_that_was_paused_answers_after_it_resumes() {
    let server = RedisServer::start();
    let mut client = Redis::connect(server.address());
    server.pause();
    client.send("SET a b").unwrap();
    assert!(client.receives_nothing());
    let mut newcomer = Redis::connect(server.address());
    newcomer.send("PING").unwrap();
    assert!(newcomer.receives_nothing());
    server.resume();
    assert_eq!(client.answer().unwrap(), "+OK");
    assert_eq!(newcomer.answer().unwrap(), "+PONG");
}

#[test]
fn a_redis_can_be_killed_while_it_is_paused() {
    let mut server = RedisServer::start();
    Redis::connect(server.address()).ask("SET a b").unwrap();
    server.pause();
    server.kill();
    server.start_again();
    assert_eq!(Redis::connect(server.address()).ask("GET a").unwrap(), "b");
}

#[test]
fn two_redis_servers_are_independent() {
    let (one, other) = (RedisServer::start(), RedisServer::start());
    assert_ne!(one.address(), other.address());
    Redis::connect(one.address()).ask("SET a b").unwrap();
    assert_eq!(Redis::connect(other.address()).ask("GET a").unwrap(), "$-1");
}
