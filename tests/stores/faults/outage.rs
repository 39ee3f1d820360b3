//! Servers that are down, frozen, cut off or killed.

use std::time::Duration;

use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_store_tests::{World, is_unavailable};
use tokio::time::sleep;

use crate::behind_proxy::{Behind, Server, in_time, refresh_at_last};

macro_rules! on_every_server {
    ($($test:ident),+ $(,)?) => {
        mod redis { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<super::RedisServer>().await; })+ }
        mod postgres { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<super::PostgresServer>().await; })+ }
    };
}

on_every_server!(
    a_server_that_is_down_decides_nothing_and_costs_nobody_a_session,
    a_network_that_stalls_is_waited_for_no_longer_than_the_limit,
    a_slow_network_is_slow_and_nothing_else,
    a_frozen_server_is_waited_for_no_longer_than_the_limit,
    a_killed_server_comes_back_with_every_session_whole,
);

async fn a_server_that_is_down_decides_nothing_and_costs_nobody_a_session<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let world = World::over(&behind.store);
    let user = world.add(1);
    let pair = world.login(&user).await;
    behind.proxy.refuse();
    for _ in 0..3 {
        assert!(is_unavailable(&in_time(world.refresh(&pair)).await));
        assert!(is_unavailable(&in_time(world.try_login(&user)).await));
        assert!(is_unavailable(&in_time(world.oauth.async_logout(pair.refresh_token.as_str())).await));
        assert!(is_unavailable(&in_time(world.oauth.async_logout_everywhere(user.clone())).await));
        assert!(is_unavailable(&in_time(world.oauth.async_sessions(user.clone())).await));
    }
    assert!(world.opens(&pair), "a guard asks no store");
    behind.proxy.pass();
    let next = refresh_at_last(&world, &pair).await.unwrap();
    assert_eq!(world.oauth.async_sessions(user).await.unwrap().len(), 1);
    assert!(world.refresh(&next).await.is_ok());
}

async fn a_network_that_stalls_is_waited_for_no_longer_than_the_limit<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let world = World::over(&behind.store);
    let user = world.add(1);
    let pair = world.login(&user).await;
    behind.proxy.stall();
    for _ in 0..2 {
        assert!(is_unavailable(&in_time(world.refresh(&pair)).await));
        assert!(is_unavailable(&in_time(world.try_login(&user)).await));
    }
    // What was held back arrives now, too late and beside what is asked anew.
    behind.proxy.pass();
    let next = refresh_at_last(&world, &pair).await.unwrap();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(world.refresh(&pair).await.unwrap().refresh_token, next.refresh_token);
    assert!(world.refresh(&next).await.is_ok());
}

async fn a_slow_network_is_slow_and_nothing_else<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let world = World::over(&behind.store);
    let mut pair = world.login(&world.add(1)).await;
    behind.proxy.slow(Duration::from_millis(40));
    for _ in 0..5 {
        pair = refresh_at_last(&world, &pair).await.unwrap();
    }
}

async fn a_frozen_server_is_waited_for_no_longer_than_the_limit<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let world = World::over(&behind.direct);
    let pair = world.login(&world.add(1)).await;
    behind.server.pause();
    let outcome = in_time(world.refresh(&pair)).await;
    behind.server.resume();
    assert!(is_unavailable(&outcome));
    let next = refresh_at_last(&world, &pair).await.unwrap();
    assert!(world.refresh(&next).await.is_ok());
}

/// Killed while eight clients refresh: before, during and after whatever commit was under way.
async fn a_killed_server_comes_back_with_every_session_whole<S: Server>() {
    let mut behind = Behind::<S>::proxy().await;
    let world = World::over(&behind.direct);
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..8 {
        let world = world.clone();
        clients.spawn(async move {
            let user = world.add(number);
            let mut pair = world.login(&user).await;
            for _ in 0..150 {
                pair = refresh_at_last(&world, &pair).await.unwrap();
                sleep(Duration::from_millis(5)).await;
            }
            assert_eq!(world.oauth.async_sessions(user).await.unwrap().len(), 1);
        });
    }
    for _ in 0..3 {
        sleep(Duration::from_millis(300)).await;
        behind = tokio::task::spawn_blocking(move || {
            behind.server.kill();
            behind.server.start_again();
            behind
        })
        .await
        .unwrap();
    }
    clients.join_all().await;
}
