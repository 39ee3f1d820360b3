//! The proxy in front of a Redis, whose data shows which requests have arrived.

use std::time::Instant;

use gatevault_servers::{FaultProxy, PostgresServer, RedisServer};

use crate::client::{Postgres, Redis, SHORTLY, eventually};

fn behind_proxy() -> (RedisServer, FaultProxy) {
    let server = RedisServer::start();
    let proxy = FaultProxy::to(server.address());
    (server, proxy)
}

/// Reads the server's key `a` without the proxy.
fn held_by(server: &RedisServer) -> String {
    Redis::connect(server.address()).ask("GET a").unwrap()
}

#[test]
fn a_proxy_passes_both_ways_and_counts_what_is_open() {
    let (server, proxy) = behind_proxy();
    assert_eq!(server.url_at(proxy.address()), format!("redis://{}/", proxy.address()));
    assert_eq!(proxy.connections(), 0);
    let mut one = Redis::connect(proxy.address());
    let mut other = Redis::connect(proxy.address());
    assert_eq!(one.ask("SET a b").unwrap(), "+OK");
    assert_eq!(other.ask("GET a").unwrap(), "b");
    assert_eq!(proxy.connections(), 2);
    drop(one);
    assert!(eventually(|| proxy.connections() == 1));
}

#[test]
fn large_requests_pass_in_order() {
    let (_server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    let text = (0..100_000).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(
        client.ask(&format!("*3\r\n$3\r\nSET\r\n$1\r\na\r\n${}\r\n{text}", text.len())).unwrap(),
        "+OK"
    );
    assert_eq!(client.ask("GET a").unwrap(), text);
}

#[test]
fn a_proxy_that_refuses_cuts_old_connections_and_closes_new_ones() {
    let (server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    proxy.refuse();
    assert_eq!(proxy.connections(), 0);
    client.ask("SET a b").unwrap_err();
    Redis::connect(proxy.address()).ask("SET a b").unwrap_err();
    assert_eq!(held_by(&server), "$-1");
    proxy.pass();
    assert_eq!(Redis::connect(proxy.address()).ask("PING").unwrap(), "+PONG");
}

#[test]
fn a_cut_ends_connections_and_lets_new_ones_pass() {
    let (_server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    proxy.cut();
    client.ask("PING").unwrap_err();
    assert_eq!(Redis::connect(proxy.address()).ask("PING").unwrap(), "+PONG");
}

#[test]
fn a_stall_delays_requests_until_the_proxy_passes() {
    let (server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    proxy.stall();
    client.send("SET a b").unwrap();
    let mut newcomer = Redis::connect(proxy.address());
    newcomer.send("PING").unwrap();
    assert!(client.receives_nothing() && newcomer.receives_nothing());
    assert_eq!(held_by(&server), "$-1");
    proxy.pass();
    assert_eq!(client.answer().unwrap(), "+OK");
    assert_eq!(newcomer.answer().unwrap(), "+PONG");
    assert_eq!(held_by(&server), "b");
}

#[test]
fn a_request_may_arrive_after_its_client_gave_up() {
    let (server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    proxy.stall();
    client.send("SET a b").unwrap();
    drop(client);
    proxy.pass();
    assert!(eventually(|| held_by(&server) == "b"));
    assert!(eventually(|| proxy.connections() == 0));
}

#[test]
fn answers_can_be_delayed_while_requests_arrive() {
    let (server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    proxy.stall_answers();
    client.send("SET a b").unwrap();
    assert!(eventually(|| held_by(&server) == "b"));
    assert!(client.receives_nothing());
    proxy.pass();
    assert_eq!(client.answer().unwrap(), "+OK");
}

#[test]
fn the_request_of_a_lost_answer_was_executed() {
    let (server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    proxy.lose_next_answer();
    client.ask("SET a b").unwrap_err();
    assert_eq!(held_by(&server), "b");
    let mut client = Redis::connect(proxy.address());
    assert_eq!(client.ask("GET a").unwrap(), "b", "only one answer is lost");
}

#[test]
fn the_answer_to_a_commit_can_be_lost() {
    let server = PostgresServer::start();
    let proxy = FaultProxy::to(server.address());
    let mut client = Postgres::connect(proxy.address()).unwrap();
    client.ask("CREATE TABLE a (b int)").unwrap();
    proxy.lose_answer_to("COMMIT");
    client.ask("BEGIN").unwrap();
    client.ask("INSERT INTO a VALUES (7)").unwrap();
    client.ask("COMMIT").unwrap_err();
    let mut client = Postgres::connect(proxy.address()).unwrap();
    assert_eq!(client.ask("SELECT b FROM a").unwrap().unwrap(), "7");
}

#[test]
fn a_slow_proxy_delays_both_directions() {
    let (_server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    proxy.slow(SHORTLY);
    let start = Instant::now();
    assert_eq!(client.ask("PING").unwrap(), "+PONG");
    assert!(start.elapsed() >= SHORTLY * 2);
}

#[test]
fn a_proxy_outlives_its_server_and_finds_it_again() {
    let (mut server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    server.kill();
    client.ask("PING").unwrap_err();
    Redis::connect(proxy.address()).ask("PING").unwrap_err();
    server.start_again();
    assert_eq!(Redis::connect(proxy.address()).ask("PING").unwrap(), "+PONG");
}

#[test]
fn a_proxy_that_is_dropped_ends_its_connections_even_stalled_ones() {
    let (_server, proxy) = behind_proxy();
    let mut client = Redis::connect(proxy.address());
    client.ask("PING").unwrap();
    proxy.stall();
    client.send("PING").unwrap();
    assert!(client.receives_nothing());
    drop(proxy);
    client.answer().unwrap_err();
}
