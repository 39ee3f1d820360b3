//! Servers that are down, frozen, unreachable or killed.

use std::time::{Duration, Instant};

use gatevault::{ApiKeys, Clock as _, GuardError, Payload};
use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_store_tests::{Fixture, is_unavailable};
use tokio::time::sleep;

use crate::behind_proxy::{Behind, Server, in_time, refresh_with_retries};

macro_rules! on_every_server {
    ($($test:ident),+ $(,)?) => {
        mod redis { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<super::RedisServer>().await; })+ }
        mod postgres { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() { super::$test::<super::PostgresServer>().await; })+ }
    };
}

on_every_server!(
    a_server_that_is_down_decides_nothing_and_costs_no_user_a_session,
    a_server_that_is_down_records_nothing_and_each_call_can_be_repeated,
    a_network_that_stalls_is_waited_for_no_longer_than_the_limit,
    a_slow_network_is_slow_and_nothing_else,
    a_frozen_server_is_waited_for_no_longer_than_the_limit,
    a_killed_server_comes_back_with_every_session_intact,
);

async fn a_server_that_is_down_decides_nothing_and_costs_no_user_a_session<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let fixture = Fixture::over(&behind.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    behind.proxy.refuse();
    for _ in 0..3 {
        assert!(is_unavailable(&in_time(fixture.refresh(&pair)).await));
        assert!(is_unavailable(&in_time(fixture.try_login(&user)).await));
        assert!(is_unavailable(&in_time(fixture.oauth.async_logout(pair.refresh_token.as_str())).await));
        assert!(is_unavailable(
            &in_time(fixture.oauth.async_logout_everywhere(user.clone(), ApiKeys::End)).await
        ));
        assert!(is_unavailable(&in_time(fixture.oauth.async_sessions(user.clone())).await));
    }
    assert!(fixture.opens(&pair), "a guard does no I/O");
    behind.proxy.pass();
    let next = refresh_with_retries(&fixture, &pair).await.unwrap();
    assert_eq!(fixture.oauth.async_sessions(user).await.unwrap().len(), 1);
    assert!(fixture.refresh(&next).await.is_ok());
}

async fn a_server_that_is_down_records_nothing_and_each_call_can_be_repeated<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let fixture = Fixture::with_settings(&behind.store, |oauth| oauth.session_limit(2));
    let user = fixture.add(1);
    let [first, second] = [fixture.login(&user).await, fixture.login(&user).await];
    let claims = fixture.tokens.decode_access_token::<Payload>(&first.access_token).unwrap();
    let id = claims.token_id().unwrap();
    let revoke_token = || in_time(fixture.oauth.async_revoke_token(None, id, claims.expires_at()));
    let revoke_user = || in_time(fixture.oauth.async_revoke_user(None, &user, fixture.clock.now()));
    let demote = || in_time(fixture.oauth.async_revoke_access_tokens(user.clone()));
    behind.proxy.refuse();
    for _ in 0..2 {
        assert!(is_unavailable(&revoke_token().await) && is_unavailable(&revoke_user().await));
        assert!(is_unavailable(&demote().await));
        assert!(is_unavailable(&in_time(fixture.try_login(&user)).await), "a login above the limit");
    }
    assert!(fixture.opens(&first) && fixture.opens(&second), "the store comes first");
    behind.proxy.pass();
    retried(revoke_token).await;
    assert!(!fixture.opens(&first) && fixture.opens(&second));
    assert_eq!(fixture.oauth.async_sessions(user.clone()).await.unwrap().len(), 2);
    retried(demote).await;
    assert!(!fixture.opens(&second));
    let second = refresh_with_retries(&fixture, &second).await.unwrap();
    assert!(fixture.opens(&second));
    retried(revoke_user).await;
    retried(revoke_user).await;
    assert!(!fixture.opens(&second));
    fixture.login(&user).await;
    assert_eq!(fixture.oauth.async_sessions(user.clone()).await.unwrap().len(), 2);
    // Another process, which starts now, knows of it.
    let elsewhere = fixture.beside(&behind.direct);
    let deadline = Instant::now() + Duration::from_secs(30);
    while elsewhere.opens(&first) || elsewhere.opens(&second) {
        assert!(Instant::now() < deadline, "the feed brought nothing");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn retried<F: Future<Output = Result<(), GuardError>>>(operation: impl Fn() -> F) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let outcome = operation().await;
        if !is_unavailable(&outcome) {
            return outcome.unwrap();
        }
        assert!(Instant::now() < deadline, "{outcome:?}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn a_network_that_stalls_is_waited_for_no_longer_than_the_limit<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let fixture = Fixture::over(&behind.store);
    let user = fixture.add(1);
    let pair = fixture.login(&user).await;
    behind.proxy.stall();
    for _ in 0..2 {
        assert!(is_unavailable(&in_time(fixture.refresh(&pair)).await));
        assert!(is_unavailable(&in_time(fixture.try_login(&user)).await));
    }
    // The delayed requests arrive now, too late and concurrently with new ones.
    behind.proxy.pass();
    let next = refresh_with_retries(&fixture, &pair).await.unwrap();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(fixture.refresh(&pair).await.unwrap().refresh_token, next.refresh_token);
    assert!(fixture.refresh(&next).await.is_ok());
}

async fn a_slow_network_is_slow_and_nothing_else<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let fixture = Fixture::over(&behind.store);
    let mut pair = fixture.login(&fixture.add(1)).await;
    behind.proxy.slow(Duration::from_millis(40));
    for _ in 0..5 {
        pair = refresh_with_retries(&fixture, &pair).await.unwrap();
    }
}

async fn a_frozen_server_is_waited_for_no_longer_than_the_limit<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let fixture = Fixture::over(&behind.direct);
    let pair = fixture.login(&fixture.add(1)).await;
    behind.server.pause();
    let outcome = in_time(fixture.refresh(&pair)).await;
    behind.server.resume();
    assert!(is_unavailable(&outcome));
    let next = refresh_with_retries(&fixture, &pair).await.unwrap();
    assert!(fixture.refresh(&next).await.is_ok());
}

/// Kills the server while eight clients refresh: before, during and after their commits.
async fn a_killed_server_comes_back_with_every_session_intact<S: Server>() {
    let mut behind = Behind::<S>::proxy().await;
    let fixture = Fixture::over(&behind.direct);
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..8 {
        let fixture = fixture.clone();
        clients.spawn(async move {
            let user = fixture.add(number);
            let mut pair = fixture.login(&user).await;
            for _ in 0..150 {
                pair = refresh_with_retries(&fixture, &pair).await.unwrap();
                sleep(Duration::from_millis(5)).await;
            }
            assert_eq!(fixture.oauth.async_sessions(user).await.unwrap().len(), 1);
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
